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
import { buildRequest, checkFields } from "@tsgi/core/adapter";

/** A request body as a test gives it: whole, or piece by piece. */
export type RequestBody = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** What a test request is made of; each part has a default. */
export interface RequestInit {
  /** Default `GET`, with a body `POST`. */
  method?: string;
  /** The request-target, path and query as they stand on the wire. Default `/`. */
  path?: string;
  /** Pairs, or a plain object. `Host: testserver` and the body's Content-Length are added unless they are given. */
  headers?: readonly (readonly [string, string])[] | Readonly<Record<string, string>>;
  /** Text, bytes, or pieces; pieces come without a Content-Length. */
  body?: RequestBody;
  /** Keys to add to the environ: what a filter in front would have set. */
  environ?: Partial<Environ>;
  /** `environ["tsgi.bindings"]`. Default absent. */
  bindings?: Bindings;
  /** Where the app is mounted: SCRIPT_NAME. */
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
  readonly awaited: PromiseLike<unknown>[] = [];
  private readonly body: RequestBody | undefined;
  private listeners: (() => void)[] = [];
  private left = false;
  private made: Payload | null | undefined = undefined;

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
  }

  readonly fieldsChecked = true;

  readonly waitUntil = (promise: PromiseLike<unknown>): void => void this.awaited.push(promise);

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
      const length = this.header("content-length");
      this.made =
        this.body === undefined
          ? null
          : {
              length: length === undefined ? undefined : Number(length),
              chunks: () => this.pieces(this.body as RequestBody),
            };
    }
    return this.made;
  }

  private async *pieces(body: RequestBody): AsyncGenerator<Uint8Array, void, undefined> {
    const all = typeof body === "string" || body instanceof Uint8Array ? [body] : body;
    for await (const piece of all) {
      if (this.left) throw new Error("the client left");
      yield typeof piece === "string" ? encoder.encode(piece) : piece;
    }
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
  }
}

function rawHeadersOf(init: RequestInit): string[] {
  const given = init.headers ?? [];
  const pairs: (readonly [string, string])[] = Array.isArray(given) ? [...given] : Object.entries(given);
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
