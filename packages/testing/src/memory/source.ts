import {
  FileWrapper,
  limitsOf,
  type Bindings,
  type Environ,
  type ErrorLog,
  type Limits,
  type Native,
  type Payload,
  type Refusal,
  type RequestParts,
  type Source,
} from "@tsgi/core";
import { buildRequest, checkFields, reportError } from "@tsgi/core/adapter";

/** A request body as a test gives it: whole, or piece by piece. */
export type RequestBody = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** What a test request is made of; each part has a default. */
export interface RequestInit {
  /** Default `GET`, with a body `POST`. */
  method?: string;
  /** The request-target, path and query as they stand on the wire. Default `/`. */
  path?: string;
  /** Pairs (a `Headers` is such), or a plain object. `Host: testserver` and the body's Content-Length are added unless given. */
  headers?: Iterable<readonly [string, string]> | Readonly<Record<string, string>>;
  /** Text, bytes, or pieces; pieces come without a Content-Length. */
  body?: RequestBody;
  /** Keys to add to the environ: what a filter in front would have set. */
  environ?: Partial<Environ>;
  /** `environ["tsgi.bindings"]`. Default absent. */
  bindings?: Bindings;
  /** Where the app is mounted: what becomes SCRIPT_NAME of a `path` that begins with it. */
  mount?: string;
  /** `http` (the default) or `https`. */
  scheme?: "http" | "https";
  /** A part of the gateway's limits. */
  limits?: Partial<Limits>;
}

const encoder = new TextEncoder();

/** A request that lies in memory, as a Source. */
export class MemorySource implements Source {
  readonly method: string;
  readonly target: string;
  readonly protocol = "HTTP/1.1";
  readonly scheme: string;
  readonly serverName = "testserver";
  readonly serverPort: string;
  readonly serverSoftware = "tsgi-testing";
  readonly remoteAddr = "127.0.0.1";
  readonly remotePort = "49152";
  readonly runtime = "memory";
  readonly native: Native;
  readonly bindings: Bindings | undefined;
  readonly limits: Limits;
  readonly errors: ErrorLog;
  readonly mount: string | undefined;
  readonly extra: Partial<Environ> | undefined;
  readonly rawHeaders: readonly string[];
  /** What the app handed to `tsgi.wait_until`. */
  private readonly awaited: Promise<void>[] = [];
  private readonly body: RequestBody | undefined;
  private listeners: (() => void)[] = [];
  private left = false;
  private made: Payload | null | undefined = undefined;
  private sending: AsyncGenerator<Uint8Array, void, undefined> | undefined = undefined;
  private stop!: (error: Error) => void;
  /** Rejects when no more of the body comes: a piece of it may be awaited for ever. */
  private readonly stopped = new Promise<never>((_resolve, reject) => (this.stop = reject));

  constructor(init: RequestInit, errors: ErrorLog) {
    this.method = init.method ?? (init.body === undefined ? "GET" : "POST");
    this.target = init.path ?? "/";
    this.scheme = init.scheme ?? "http";
    this.serverPort = this.scheme === "https" ? "443" : "80";
    this.native = { memory: { init } };
    this.bindings = init.bindings;
    this.limits = limitsOf(init.limits);
    this.errors = errors;
    this.mount = init.mount;
    this.extra = init.environ;
    this.body = init.body;
    this.rawHeaders = rawHeadersOf(init);
    this.stopped.catch(() => {});
    checkBody(init.body);
  }

  readonly fieldsChecked = true;

  readonly waitUntil = (promise: PromiseLike<unknown>): void => {
    const reported = Promise.resolve(promise).then(
      () => {},
      (error) => reportError(this.errors, error, "tsgi.wait_until"),
    );
    this.awaited.push(reported);
  };

  /** Waits for what the app handed to `tsgi.wait_until`, and for what that handed to it; then the client is done too. */
  async settle(): Promise<void> {
    for (let seen = 0; seen < this.awaited.length;) {
      seen = this.awaited.length;
      await Promise.all(this.awaited);
    }
    this.stop(new Error("the exchange has ended"));
    this.sending?.return().then(undefined, () => {});
  }

  header(name: string): string | undefined {
    let found: string | undefined;
    for (let i = 0; i < this.rawHeaders.length; i += 2) {
      if (this.rawHeaders[i].toLowerCase() !== name) continue;
      const value = this.rawHeaders[i + 1];
      found = found === undefined ? value : `${found}${name === "cookie" ? "; " : ", "}${value}`;
    }
    return found;
  }

  *headerNames(): Iterable<string> {
    for (let i = 0; i < this.rawHeaders.length; i += 2) yield this.rawHeaders[i];
  }

  payload(): Payload | null {
    if (this.made === undefined) {
      const declared = this.header("content-length");
      const length = declared === undefined ? undefined : Number(declared);
      this.made =
        this.body === undefined && !(length !== undefined && length > 0)
          ? null
          : { length, chunks: () => (this.sending = this.pieces(this.body ?? "", length)) };
    }
    return this.made;
  }

  /** The body as it comes over a connection: no longer than declared, an error where it is shorter or the client leaves. */
  private async *pieces(body: RequestBody, length = Infinity): AsyncGenerator<Uint8Array, void, undefined> {
    const all = typeof body === "string" || body instanceof Uint8Array ? [body] : body;
    const iterator = Symbol.asyncIterator in all ? all[Symbol.asyncIterator]() : all[Symbol.iterator]();
    let left = length;
    let ended = false;
    try {
      while (left > 0) {
        const step = await Promise.race([this.stopped, iterator.next()]);
        ended = step.done === true;
        if (step.done === true) break;
        const piece = bytesOf(step.value).subarray(0, left);
        left -= piece.length;
        yield piece;
      }
    } finally {
      // not waited for: a generator answers only once its own await has ended
      if (!ended) Promise.resolve(iterator.return?.()).then(undefined, () => {});
    }
    if (Number.isFinite(left) && left > 0) throw new Error(`the body ended ${left} bytes short of its Content-Length`);
  }

  refuse(): Refusal | undefined {
    return checkFields(this.rawHeaders, this.protocol, this.limits.headers);
  }

  request(parts: RequestParts): Request {
    return buildRequest(this, this.rawHeaders, parts);
  }

  fileWrapper(file: unknown, blockSize?: number): FileWrapper {
    return new FileWrapper(file, blockSize);
  }

  onDisconnect(listener: () => void): void {
    if (this.left) listener();
    else this.listeners.push(listener);
  }

  /** The client goes away. */
  disconnect(): void {
    this.left = true;
    const { listeners } = this;
    this.listeners = [];
    for (const listener of listeners) listener();
    this.stop(new Error("the client left"));
  }
}

function checkBody(body: unknown): void {
  if (body === undefined || typeof body === "string" || body instanceof Uint8Array) return;
  const iterable =
    body !== null && typeof body === "object" && (Symbol.asyncIterator in body || Symbol.iterator in body);
  if (!iterable || body instanceof FormData || body instanceof URLSearchParams)
    throw new TypeError(
      `request: the body is ${kindOf(body)}; text, bytes, or pieces of either are wanted. A form or Blob is put into a ` +
        "Response first, which gives its body and its Content-Type",
    );
}

function bytesOf(piece: unknown): Uint8Array {
  if (typeof piece === "string") return encoder.encode(piece);
  if (piece instanceof Uint8Array) return piece;
  throw new TypeError(`request: a piece of the body is ${kindOf(piece)}; text or bytes are wanted`);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  return `an object of class ${value.constructor?.name ?? "none"}`;
}

function rawHeadersOf(init: RequestInit): string[] {
  const given = init.headers ?? [];
  const pairs: (readonly [string, string])[] = Symbol.iterator in given ? [...given] : Object.entries(given);
  for (const [name, value] of pairs)
    if (typeof value !== "string")
      throw new TypeError(`request: the header ${JSON.stringify(name)} is ${kindOf(value)}; a string is wanted`);
  const has = (name: string): boolean => pairs.some(([field]) => field.toLowerCase() === name);
  if (!has("host")) pairs.unshift(["Host", "testserver"]);
  const { body } = init;
  if (body !== undefined && !has("content-length") && !has("transfer-encoding")) {
    if (typeof body === "string") pairs.push(["Content-Length", String(encoder.encode(body).length)]);
    else if (body instanceof Uint8Array) pairs.push(["Content-Length", String(body.length)]);
    else pairs.push(["Transfer-Encoding", "chunked"]);
  }
  return pairs.flat();
}
