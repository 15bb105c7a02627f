import type { App, Environ, StartResponse } from "@tsgi/core";
import { escape, HTML, page } from "../page.ts";

// A framework's heart in a page of code: a table of patterns over PATH_INFO, and the two refusals.

type View = (
  environ: Environ,
  startResponse: StartResponse,
  parts: Readonly<Record<string, string>>,
) => ReturnType<App>;

const ROUTES: readonly (readonly [method: string, pattern: RegExp, view: View])[] = [
  ["GET", /^\/?$/, menu],
  ["GET", /^\/hello\/(?<name>[^/]+)$/, greet],
  ["GET", /^\/add\/(?<a>-?\d{1,12})\/(?<b>-?\d{1,12})$/, add],
  ["POST", /^\/shout$/, shout],
];

export const routes: App = (environ, startResponse) => {
  // a HEAD is answered as a GET, and the gateway keeps the body back
  const method = environ.REQUEST_METHOD === "HEAD" ? "GET" : environ.REQUEST_METHOD;
  const allowed: string[] = [];
  for (const [wanted, pattern, view] of ROUTES) {
    const match = pattern.exec(environ.PATH_INFO);
    if (match === null) continue;
    if (wanted === method) return view(environ, startResponse, match.groups ?? {});
    allowed.push(...(wanted === "GET" ? ["GET", "HEAD"] : [wanted]));
  }
  const path = `<code>${escape(environ.SCRIPT_NAME + environ.PATH_INFO)}</code>`;
  if (allowed.length > 0) {
    startResponse("405 Method Not Allowed", [HTML, ["Allow", allowed.join(", ")]]);
    return [page("Method not allowed", `<p>${path} takes ${allowed.join(" and ")}.</p>`)];
  }
  startResponse("404 Not Found", [HTML]);
  return [page("Not found", `<p>No route leads to ${path}.</p>`)];
};

function menu(environ: Environ, startResponse: StartResponse): string[] {
  const here = escape(environ.SCRIPT_NAME);
  startResponse("200 OK", [HTML]);
  return [
    page(
      "A routed app",
      `<ul>
<li><a href="${here}/hello/Ada">${here}/hello/Ada</a></li>
<li><a href="${here}/add/2/40">${here}/add/2/40</a></li>
<li><a href="${here}/nowhere">${here}/nowhere</a></li>
</ul>
<form method="post" action="${here}/shout"><input name="text" value="hello" aria-label="Text">
<button>Shout</button></form>`,
    ),
  ];
}

function greet(_environ: Environ, startResponse: StartResponse, { name }: Readonly<Record<string, string>>): string[] {
  startResponse("200 OK", [HTML]);
  return [page(`Hello, ${name}!`, `<p>This name came from the path.</p>`)];
}

function add(_environ: Environ, startResponse: StartResponse, { a, b }: Readonly<Record<string, string>>): string[] {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return [`${a} + ${b} = ${Number(a) + Number(b)}\n`];
}

async function shout(environ: Environ, startResponse: StartResponse): Promise<string[]> {
  const text = new URLSearchParams(await environ["tsgi.input"].text()).get("text") ?? "";
  startResponse("200 OK", [HTML]);
  return [page("Shouted", `<p>${escape(text.toUpperCase())}</p>`)];
}
