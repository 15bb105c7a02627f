import type { Environ } from "./contract.ts";
import { isHost } from "./grammar.ts";

const encoder = new TextEncoder();

/** Percent-encodes what a path segment cannot hold; an encoded slash, which PATH_INFO keeps, stays encoded once. */
export function encodePath(path: string, unsafe: RegExp = PATH_UNSAFE): string {
  return path.replace(unsafe, escapeChar);
}

function escapeChar(char: string): string {
  let out = "";
  for (const byte of encoder.encode(char)) out += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return out;
}

const PATH_UNSAFE = /(?!%(?:25)*2[Ff])[^\w.~\-/;=,:@&+$!*'()]/gu;
const SCRIPT_UNSAFE = /(?!%(?:25)*2[Ff])[^\w.~\-/]/gu;
const INFO_UNSAFE = /(?!%(?:25)*2[Ff])[^\w.~\-/;=,]/gu;

/** `scheme://host` of a request: its Host when that is one host, else the listener's name and port. Never throws. */
export function originOf(environ: Environ): string {
  const scheme = environ["tsgi.url_scheme"] === "https" ? "https" : "http";
  const host = environ.HTTP_HOST;
  if (typeof host === "string" && host !== "" && isHost(host)) return `${scheme}://${host}`;
  const name = environ.SERVER_NAME.includes(":") ? `[${environ.SERVER_NAME}]` : environ.SERVER_NAME;
  const port = environ.SERVER_PORT;
  return port === (scheme === "https" ? "443" : "80") ? `${scheme}://${name}` : `${scheme}://${name}:${port}`;
}

/**
 * The URL of the application: scheme, host and SCRIPT_NAME, percent-encoded, without path and query.
 * Source of the rule: PEP 3333 "URL Reconstruction", wsgiref.util.application_uri. Never throws.
 *
 * @example applicationUri(environ) // "http://127.0.0.1:8080/wiki"
 */
export function applicationUri(environ: Environ): string {
  return originOf(environ) + encodePath(environ.SCRIPT_NAME || "/", SCRIPT_UNSAFE);
}

/**
 * The whole URL of the request; `includeQuery` false leaves the query out.
 * Source of the rule: PEP 3333 "URL Reconstruction", wsgiref.util.request_uri. Never throws.
 *
 * @param includeQuery default true
 * @example requestUri(environ) // "http://127.0.0.1:8080/wiki/Start?rev=2"
 */
export function requestUri(environ: Environ, includeQuery = true): string {
  const path = encodePath(environ.PATH_INFO ?? "", INFO_UNSAFE);
  const script = environ.SCRIPT_NAME || "";
  const url = applicationUri(environ) + (script === "" && path.startsWith("/") ? path.slice(1) : path);
  return includeQuery && environ.QUERY_STRING ? `${url}?${environ.QUERY_STRING}` : url;
}
