import type { App, Environ } from "@tsgi/core";
import { escape, HTML, page } from "../page.ts";

/** The client's own credentials, and what the server's operator keeps: named, and never shown. */
const SECRET = [
  "HTTP_AUTHORIZATION",
  "HTTP_COOKIE",
  "HTTP_PROXY_AUTHORIZATION",
  "tsgi.bindings",
  "tsgi.native",
] as const;

/** What an app uses rather than reads. Described, since building a Request only to print it would be a waste. */
const TOOLS: Readonly<Record<string, string>> = {
  "tsgi.input": "[the request body, read once]",
  "tsgi.errors": "[the server's error log]",
  "tsgi.signal": "[aborts when the client leaves]",
  "tsgi.request": "[the same request as a Request]",
  "tsgi.wait_until": "[keeps the worker alive for a promise]",
  "tsgi.file_wrapper": "[sends a file]",
};

/** The environ as data that anyone may see: every key, and the values that are no secret and no tool. */
export function shown(environ: Environ): Record<string, unknown> {
  // tsgi.bindings and tsgi.native are in the environ but in no listing of its keys
  const keys = new Set([...Object.keys(environ), ...SECRET.filter((key) => key in environ)]);
  return Object.fromEntries([...keys].map((key) => [key, show(environ, key)]));
}

function show(environ: Environ, key: string): unknown {
  if ((SECRET as readonly string[]).includes(key)) return "[not shown]";
  if (Object.hasOwn(TOOLS, key)) return TOOLS[key];
  const value = environ[key];
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "object" || typeof value === "function" ? `[${typeof value}]` : value;
}

/** The environ for programs. */
export const environJson: App = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return [`${JSON.stringify(shown(environ), null, 2)}\n`];
};

const GROUPS: readonly (readonly [title: string, has: (key: string) => boolean])[] = [
  ["The request", (key) => !key.startsWith("HTTP_") && !key.includes(".")],
  ["Its header fields", (key) => key.startsWith("HTTP_")],
  ["The gateway", (key) => key.includes(".")],
];

/** The environ for a person. */
export const environPage: App = (environ, startResponse) => {
  const rows = Object.entries(shown(environ));
  const tables = GROUPS.map(([title, has]) => {
    const cells = rows
      .filter(([key]) => has(key))
      .map(([key, value]) => `<tr><th>${escape(key)}</th><td>${escape(String(value))}</td></tr>`);
    return `<h2>${title}</h2>\n<table>\n${cells.join("\n")}\n</table>`;
  });
  startResponse("200 OK", [HTML]);
  return [
    page(
      "The environ",
      `<p>What the server tells the app about this request. The same <a href="${escape(jsonPath(environ))}">as
JSON</a>.</p>\n${tables.join("\n")}`,
    ),
  ];
};

/** The JSON stands beside this page, wherever the two are mounted. */
function jsonPath(environ: Environ): string {
  return `${environ.SCRIPT_NAME}.json`;
}
