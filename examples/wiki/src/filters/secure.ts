import { mapResponse, type Header, type Middleware } from "@tsgi/core";

const HEADERS: readonly Header[] = [
  // pages have no script: what somebody smuggles into a text cannot run
  [
    "Content-Security-Policy",
    "default-src 'none'; style-src 'self'; img-src 'self' https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ],
  ["X-Content-Type-Options", "nosniff"],
  ["Referrer-Policy", "same-origin"],
];

/** What a browser may do with any answer of ours; an app that says otherwise is left alone. */
export function secure(): Middleware {
  return (app) =>
    mapResponse(app, {
      head(status, headers) {
        const said = new Set(headers.map(([name]) => name.toLowerCase()));
        return [status, [...headers, ...HEADERS.filter(([name]) => !said.has(name.toLowerCase()))]];
      },
    });
}
