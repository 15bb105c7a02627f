import type { Environ } from "./contract.ts";
import type { Incoming } from "./incoming.ts";
import { isHost } from "./grammar.ts";

/** Methods that the Fetch standard lets no Request carry. */
const NO_REQUEST = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Whether a Request can carry a method at all (Fetch standard: forbidden methods). */
export function canCarry(method: string): boolean {
  return !NO_REQUEST.has(method.toUpperCase());
}

type Init = RequestInit & { duplex?: "half" };

/**
 * A genuine Request for a request that came without one (Node).
 *
 * @param url the URL to show, the whole one of the request when absent
 * @throws TypeError for a method that no Request can carry: CONNECT, TRACE
 */
export function buildRequest(incoming: Incoming, url?: string): Request {
  const { source } = incoming;
  const { method } = source;
  if (!canCarry(method))
    throw new TypeError(`tsgi.request: the Fetch standard lets no Request carry the method ${method}`);
  const headers = new Headers();
  const raw = source.rawHeaders;
  if (raw !== undefined) for (let i = 0; i < raw.length; i += 2) headers.append(raw[i], raw[i + 1]);
  else for (const name of source.headerNames()) headers.set(name, source.header(name) ?? "");
  const init: Init = { method, headers, signal: incoming.signal };
  if (method !== "GET" && method !== "HEAD" && source.payload() !== null) {
    init.body = incoming.input.stream();
    init.duplex = "half";
  }
  return new Request(url ?? urlOf(incoming), init);
}

/** The URL of a request as its target stands, on the Host that was checked at the door. */
function urlOf(incoming: Incoming): string {
  const { source } = incoming;
  const host = source.header("host");
  const authority =
    host !== undefined && host !== "" && isHost(host)
      ? host
      : `${source.serverName.includes(":") ? `[${source.serverName}]` : source.serverName}:${source.serverPort}`;
  const { path } = incoming.target;
  // a target that starts with two slashes is still a path: it is put behind the authority, never resolved against it
  return `${source.scheme}://${authority}${path === "*" ? "/*" : incoming.requestUri}`;
}

/**
 * A Request for an environ in which a filter changed what a Request is made of.
 *
 * @throws TypeError for a method that no Request can carry
 */
export function requestOfEnviron(environ: Environ, url: string): Request {
  const method = environ.REQUEST_METHOD;
  const headers = new Headers();
  for (const key of Object.keys(environ))
    if (key.startsWith("HTTP_")) headers.set(key.slice(5).toLowerCase().replaceAll("_", "-"), environ[key] as string);
  if (environ.CONTENT_TYPE !== undefined) headers.set("content-type", environ.CONTENT_TYPE);
  if (environ.CONTENT_LENGTH !== undefined) headers.set("content-length", environ.CONTENT_LENGTH);
  const init: Init = { method, headers, signal: environ["tsgi.signal"] };
  if (method !== "GET" && method !== "HEAD") {
    init.body = environ["tsgi.input"].stream();
    init.duplex = "half";
  }
  return new Request(url, init);
}
