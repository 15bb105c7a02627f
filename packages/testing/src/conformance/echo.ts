import type { App } from "@tsgi/core";
import { json } from "./bodies.ts";
import { note } from "./observe.ts";

/** Answers with what the request came to: the CGI keys, the HTTP_* keys and the body. Wire fixtures are sent to it. */
export const echo: App = async (environ, start) => {
  note(environ, "called");
  const keys: Record<string, unknown> = {};
  for (const key of Object.keys(environ).sort())
    if (/^(?:REQUEST_METHOD|SCRIPT_NAME|PATH_INFO|QUERY_STRING|CONTENT_|HTTP_)/.test(key)) keys[key] = environ[key];
  const body = await environ["tsgi.input"].bytes();
  return json(start, {
    ...keys,
    "tsgi.url_scheme": environ["tsgi.url_scheme"],
    body: String.fromCharCode(...body.subarray(0, 1000)),
    size: body.length,
  });
};
