import type { Environ } from "./contract.ts";
import type { RequestParts, Source } from "./source.ts";

/** Methods that the Fetch standard lets no Request carry. */
const NO_REQUEST = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Whether a Request can carry a method at all (Fetch standard: forbidden methods). */
export function canCarry(method: string): boolean {
  return !NO_REQUEST.has(method.toUpperCase());
}

type Init = RequestInit & { duplex?: "half" };

/**
 * A genuine Request for a request that came without one. Built only when somebody asks; no global is patched.
 *
 * @param fields names and values in turn; those of `parts` come first
 * @throws TypeError for a method that no Request can carry: CONNECT, TRACE
 */
export function buildRequest(source: Source, fields: readonly string[], parts: RequestParts): Request {
  const { method } = source;
  if (!canCarry(method))
    throw new TypeError(`tsgi.request: the Fetch standard lets no Request carry the method ${method}`);
  const init: Init = { method };
  if (method !== "GET" && method !== "HEAD" && source.payload() !== null) {
    init.body = parts.input.stream();
    init.duplex = "half";
  }
  if (handed?.genuine !== Request) handed = { genuine: Request, withSignal: withSignal(Request) };
  // without an init a Request costs a third less
  const request = new handed.withSignal(parts, method === "GET" ? undefined : init);
  const { headers } = request;
  const pairs = parts.fields ?? fields;
  for (let i = 0; i < pairs.length; i += 2) headers.append(pairs[i], pairs[i + 1]);
  return request;
}

type WithSignal = new (parts: RequestParts, init: Init | undefined) => Request;

/** What is made of the global Request, as long as nobody replaces that. */
let handed: { readonly genuine: typeof Request; readonly withSignal: WithSignal } | undefined;

/**
 * A signal that is handed over costs four times the whole Request (24 µs on Node 20), and few ask for it: it is made when
 * it is read. By a class, since a property of each Request would cost as much as the Request (Node 24).
 */
function withSignal(genuine: typeof Request): WithSignal {
  const Class = class extends genuine {
    readonly #parts: RequestParts;
    constructor(parts: RequestParts, init: Init | undefined) {
      super(parts.url, init);
      this.#parts = parts;
    }
    override get signal(): AbortSignal {
      return this.#parts.signal;
    }
  };
  delete (Class.prototype as { constructor?: unknown }).constructor;
  return Class;
}

/**
 * A Request for an environ in which a filter changed what a Request is made of.
 *
 * @throws TypeError for a method that no Request can carry
 */
export function requestOfEnviron(environ: Environ, url: string): Request {
  const method = environ.REQUEST_METHOD;
  const headers = new Headers();
  for (const key of Object.keys(environ)) {
    const value = environ[key];
    if (key.startsWith("HTTP_") && value !== undefined)
      headers.set(key.slice(5).toLowerCase().replaceAll("_", "-"), value as string);
  }
  if (environ.CONTENT_TYPE !== undefined) headers.set("content-type", environ.CONTENT_TYPE);
  if (environ.CONTENT_LENGTH !== undefined) headers.set("content-length", environ.CONTENT_LENGTH);
  const init: Init = { method, headers, signal: environ["tsgi.signal"] };
  if (method !== "GET" && method !== "HEAD") {
    init.body = environ["tsgi.input"].stream();
    init.duplex = "half";
  }
  return new Request(url, init);
}
