import type { App } from "@tsgi/core";
import { escape, HTML, page } from "../page.ts";

const STOPS: readonly (readonly [path: string, name: string, what: string])[] = [
  ["hello", "Plain hello", "a status, headers, and a body of one chunk"],
  ["generator", "Generator hello", "the same app as a generator: its chunks leave as they come"],
  ["environ/some/path?color=blue", "The environ", "everything the server tells the app about this request"],
  ["environ.json", "The environ as JSON", "the same for programs"],
  ["routes/", "A routed app", "paths, parameters and a form, on nothing but the contract"],
  ["watch", "The streaming clock", "a page that shows what /clock sends"],
  ["clock", "The clock's stream", "server-sent events, one a second, until the client leaves"],
];

/** The tour's first page; every other path that no stop has is not found. */
export const index: App = (environ, startResponse) => {
  if (environ.PATH_INFO !== "/" && environ.PATH_INFO !== "") {
    startResponse("404 Not Found", [HTML]);
    return [page("Not found", `<p>There is no <code>${escape(environ.PATH_INFO)}</code> on this tour.</p>`)];
  }
  const stops = STOPS.map(
    ([path, name, what]) =>
      `<dt><a href="${escape(`${environ.SCRIPT_NAME}/${path}`)}">${escape(name)}</a></dt><dd>${escape(what)}</dd>`,
  );
  startResponse("200 OK", [HTML]);
  return [
    page(
      "Hello from TSGI",
      `<p>Small programs on one contract, <code>app(environ, startResponse) → body</code>. The same file runs on Node,
Bun, Deno and Cloudflare Workers; this answer comes from <code>${escape(environ["tsgi.runtime"])}</code>.</p>
<dl>
${stops.join("\n")}
</dl>`,
    ),
  ];
};
