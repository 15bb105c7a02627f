import type { Bytes, Input } from "./contract.ts";
import { buildRequest, canCarry } from "./request.ts";
import type { RequestParts, Source } from "./source.ts";

// On Node 20 and 22 to make a genuine Request, with an AbortController in it, is a fifth of what a small answer of a fetch
// handler costs, and most handlers read a URL and a field or two. So a handler gets an object that inherits from
// Request.prototype, has by itself what is asked for all the time, and makes the genuine Request when anything else is
// wanted. Their undici (6) keeps what a Request is under symbols, on the object: here these are getters, so that whatever
// takes a Request, `fetch` and `new Request` too, finds what the genuine one has. Node 24 (undici 7) has private fields
// instead, and a Request for a third of the price: there, as wherever else a getter would not do, `lazyRequest` builds one
// at once.

type Init = RequestInit & { duplex?: "half" };

/** What is behind a lazy Request: its parts, and the genuine one once there is one. */
class Making {
  readonly source: Source;
  readonly parts: RequestParts;
  readonly url: string;
  private readonly fields: readonly string[];
  private headersOnce: Headers | undefined = undefined;
  private genuineOnce: Request | undefined = undefined;
  /** The body was read from the input, and so not through the genuine one. */
  private read = false;

  constructor(source: Source, fields: readonly string[], parts: RequestParts) {
    this.source = source;
    this.fields = fields;
    this.parts = parts;
    this.url = new URL(parts.url).href;
  }

  get headers(): Headers {
    if (this.headersOnce === undefined) {
      const { fields } = this;
      this.headersOnce = new Headers();
      for (let i = 0; i < fields.length; i += 2) this.headersOnce.append(fields[i], fields[i + 1]);
    }
    return this.headersOnce;
  }

  get hasBody(): boolean {
    const { method } = this.source;
    return method !== "GET" && method !== "HEAD" && this.source.payload() !== null;
  }

  get bodyUsed(): boolean {
    return this.read || this.genuineOnce?.bodyUsed === true;
  }

  /** The genuine one, with the fields as they are now: whoever holds the Headers may have changed them. */
  get genuine(): Request {
    const { headers } = this;
    const genuine = (this.genuineOnce ??= this.build());
    const names = [...genuine.headers.keys()];
    for (const name of names) genuine.headers.delete(name);
    for (const [name, value] of headers) genuine.headers.append(name, value);
    return genuine;
  }

  private build(): Request {
    const init: Init = { method: this.source.method, signal: this.parts.signal };
    if (this.hasBody) {
      init.body = this.read ? "" : this.parts.input.stream();
      init.duplex = "half";
    }
    const request = new Request(this.url, init);
    if (this.read) void request.text(); // used up, as the one that it stands for
    return request;
  }

  /** A body that nobody has as a stream is read from the input: half the time, and no Request. */
  whole<T>(read: (input: Input) => Promise<T>, natively: (body: Request | Response) => Promise<T>): Promise<T> {
    if (this.genuineOnce !== undefined) return natively(this.genuineOnce);
    if (!this.hasBody) return natively(typed(null, this.headers));
    if (this.read) return Promise.reject(new TypeError("Body is unusable: Body has already been read"));
    this.read = true;
    return read(this.parts.input);
  }
}

/** A symbol, and no private field: whoever wraps a Request in a Proxy asks on the Proxy's behalf. */
const MAKING: unique symbol = Symbol("how a Request is made");

class LazyRequest {
  // declared alone: a computed member is kept by bundlers, whether or not anybody uses the class
  declare readonly [MAKING]: Making;

  constructor(making: Making) {
    this[MAKING] = making;
  }

  get method(): string {
    return this[MAKING].source.method;
  }

  get url(): string {
    return this[MAKING].url;
  }

  get headers(): Headers {
    return this[MAKING].headers;
  }

  get signal(): AbortSignal {
    return this[MAKING].parts.signal;
  }

  get body(): ReadableStream<Uint8Array> | null {
    const making = this[MAKING];
    return making.hasBody ? making.genuine.body : null;
  }

  get bodyUsed(): boolean {
    return this[MAKING].bodyUsed;
  }

  /** The genuine one's, so that the clone's signal follows. */
  clone(): Request {
    return this[MAKING].genuine.clone();
  }

  text(): Promise<string> {
    return this[MAKING].whole(
      (input) => input.text(),
      (body) => body.text(),
    );
  }

  json(): Promise<unknown> {
    return this[MAKING].whole(
      // what is no JSON is a SyntaxError to a fetch handler, and not tsgi.input's 400
      (input) => input.text().then((text) => JSON.parse(text)),
      (body) => body.json(),
    );
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this[MAKING].whole(
      // a copy: the transport's bytes may be a part of a larger buffer
      (input) => input.bytes().then((bytes) => new Uint8Array(bytes).buffer),
      (body) => body.arrayBuffer(),
    );
  }

  bytes(): Promise<Uint8Array> {
    return this[MAKING].whole(
      (input) => input.bytes().then((bytes) => new Uint8Array(bytes)),
      (body) => body.bytes(),
    );
  }

  blob(): Promise<Blob> {
    return this[MAKING].whole(
      (input) => input.bytes().then((bytes) => typed(bytes, this.headers).blob()),
      (body) => body.blob(),
    );
  }

  formData(): Promise<FormData> {
    return this[MAKING].whole(
      (input) => input.bytes().then((bytes) => typed(bytes, this.headers).formData()),
      (body) => body.formData(),
    );
  }
}

/** A body beside its type, for what needs both. */
function typed(body: Bytes | null, headers: Headers): Response {
  const type = headers.get("content-type");
  return new Response(body, type === null ? {} : { headers: { "content-type": type } });
}

/** Has lazy ones inherit from this Request; whether they can stand for it. */
function inherits(genuine: typeof Request): boolean {
  const { prototype } = LazyRequest;
  const symbols = Object.getOwnPropertySymbols(new genuine("http://localhost/"));
  if (!symbols.some(({ description }) => description === "state")) return false;
  Object.setPrototypeOf(prototype, genuine.prototype);
  delete (prototype as { constructor?: unknown }).constructor;
  for (const symbol of symbols)
    Object.defineProperty(prototype, symbol, {
      get(this: LazyRequest): unknown {
        return (this[MAKING].genuine as unknown as Record<symbol, unknown>)[symbol];
      },
    });
  return carries(genuine);
}

/** Whether what is made of a lazy one has all that it has. */
function carries(genuine: typeof Request): boolean {
  const url = "http://localhost/probe?a=1";
  const leaving = new AbortController();
  const source = { method: "POST", payload: () => ({}) } as unknown as Source;
  const input = { stream: () => new Response("body").body } as unknown as Input;
  const making = new Making(source, ["X-Probe", "1"], { url, signal: leaving.signal, input });
  const lazy = new LazyRequest(making) as unknown as Request;
  const copies = [lazy.clone(), new genuine(lazy)];
  leaving.abort();
  return (
    lazy instanceof genuine &&
    lazy.redirect === "follow" &&
    copies.every(
      ({ method, url: shown, headers, body, signal }) =>
        method === "POST" && shown === url && headers.get("x-probe") === "1" && body !== null && signal.aborted,
    )
  );
}

/** The global Request when one was first wanted, and whether lazy ones can stand for it. */
let first: First | undefined;

interface First {
  readonly genuine: typeof Request;
  readonly lazily: boolean;
}

function look(): First {
  let lazily = false;
  try {
    lazily = inherits(Request);
  } catch {
    // a Request that is made otherwise
  }
  return { genuine: Request, lazily };
}

/**
 * A Request for a request that came without one: made when it is needed where that can be done (Node 20 and 22), else a
 * genuine one (`buildRequest`). Both are instances of Request, and whatever takes a Request takes them; no global is
 * patched.
 *
 * @param fields names and values in turn; those of `parts` come first
 * @throws TypeError for a method that no Request can carry, or a URL that cannot be parsed
 */
export function lazyRequest(source: Source, fields: readonly string[], parts: RequestParts): Request {
  first ??= look();
  // what somebody has put in the place of the global Request makes its own, and in a genuine one `get` is GET
  if (!first.lazily || first.genuine !== Request || !ALREADY_UPPER.test(source.method) || !canCarry(source.method))
    return buildRequest(source, fields, parts);
  return new LazyRequest(new Making(source, parts.fields ?? fields, parts)) as unknown as Request;
}

const ALREADY_UPPER = /^[^a-z]+$/;
