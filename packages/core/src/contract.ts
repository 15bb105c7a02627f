// The TSGI contract as types, and nothing else. SPEC.md says in words what these shapes cannot.
// Platform names (Request, AbortSignal, ReadableStream, FormData) are the program's own globals: the DOM lib,
// @cloudflare/workers-types, @types/node, Bun and Deno all provide them.

/** An application: called once a request; may be async, a generator or an async generator. */
export type App = (environ: Environ, startResponse: StartResponse) => Body | Promise<Body>;

/** A filter: takes the app it wraps, gives the wrapped app. */
export type Middleware = (app: App) => App;

/**
 * Begins the answer. `status` is `"200 OK"`, `headers` a list of pairs. Called again it throws, unless `error` says why
 * the head is to be replaced; once the head has left, that error is thrown again. Every filter passes `error` on:
 * `(status, headers, error) => start(status, [...headers, mine], error)`.
 *
 * @throws TypeError naming the offending value: control characters, a name that is no token, a hop-by-hop name, a
 *   status outside 200 to 599
 */
export type StartResponse = (status: string, headers: readonly Readonly<Header>[], error?: unknown) => Write;

/** One header field: name and value. A name may repeat; `Set-Cookie` often does. */
export type Header = [name: string, value: string];

/** What to annotate a variable with: `const headers: HeaderList = [["Content-Type", "text/plain"]]`. */
export type HeaderList = Header[];

/**
 * A piece of a body: bytes, or text that the gateway encodes as UTF-8. Bytes that were given are the gateway's: they may
 * leave later, so a buffer is not filled anew for the next chunk.
 */
export type Chunk = Uint8Array | string;

/**
 * Sends a chunk at once, ahead of the body that the app returns. The promise, when there is one, resolves when there
 * is room again; chunks written without waiting are held up to a limit, past which `write` throws.
 */
export type Write = (chunk: Chunk) => void | Promise<void>;

/** Anything iterable that gives chunks, except a string or bytes themselves: return `[text]`. */
export type Body = object & (Iterable<Chunk> | AsyncIterable<Chunk>) & { close?(): unknown };

/** Bytes over a plain ArrayBuffer, as crypto.subtle, Response and Blob want them; on TypeScript < 5.7 plain Uint8Array. */
export type Bytes = ReturnType<Uint8Array["slice"]>;

/**
 * `environ["tsgi.input"]`: the request body, read once. `read` and iterating may be mixed, and a loop that is left early
 * leaves the rest to whoever reads next; the others take what is left. Whoever reads after `bytes`, `text`, `json` or
 * `formData` gets a TypeError, the app's mistake. What is the client's is an InputError: 413 for a body that is larger
 * than `limits.body`, 400 for one that is malformed or was cut short. Left uncaught it is answered with its `status`.
 *
 * @example for await (const chunk of environ["tsgi.input"]) size += chunk.length;
 */
export interface Input extends AsyncIterable<Bytes> {
  /**
   * What is left of the body, whole; an empty array when nothing is.
   *
   * @throws (rejects) InputError 400, 413; TypeError when the body was taken whole before
   */
  bytes(): Promise<Bytes>;
  /**
   * What is left of the body, decoded as UTF-8; what is none becomes U+FFFD.
   *
   * @throws (rejects) InputError 400, 413; TypeError when the body was taken whole before
   * @example const name = await environ["tsgi.input"].text();
   */
  text(): Promise<string>;
  /**
   * What is left of the body, parsed: `json<Page>()` or `const page: Page = await input.json()`; unchecked, like every
   * JSON.parse.
   *
   * @throws (rejects) InputError 400, also for what is no JSON, 413; TypeError when the body was taken whole before
   */
  json<T = unknown>(): Promise<T>;
  /**
   * The fields of an urlencoded or multipart form, as its Content-Type says.
   *
   * @throws (rejects) InputError 400, also for what is no form of its Content-Type, 413; TypeError when the body was
   *   taken whole before
   */
  formData(): Promise<FormData>;
  /**
   * What is left of the body as a stream of bytes. The body is the stream's from then on: whoever else reads takes from
   * it, or gets a TypeError. What is wrong with the body, and that it was read before, its reader is told.
   *
   * @example await fetch(url, { method: "POST", body: environ["tsgi.input"].stream(), duplex: "half" });
   */
  stream(): ReadableStream<Bytes> & AsyncIterable<Bytes>;
  /**
   * At most `size` bytes, of one piece as it came, so perhaps fewer before the end; an empty array at the end. What is
   * left is for whoever reads next.
   *
   * @throws (rejects) InputError 400, 413; TypeError when the body was taken whole before, and for a size that is no
   *   whole number of at least 0
   * @example const head = await environ["tsgi.input"].read(4);
   */
  read(size: number): Promise<Bytes>;
}

/** `environ["tsgi.errors"]`: the server's error log. */
export interface ErrorLog {
  write(text: string): void;
  flush(): void;
}

/** Augment it: `declare module "@tsgi/core" { interface Bindings extends Env {} }`. */
export interface Bindings {
  [name: string]: unknown;
}

/** The runtime's own objects; an adapter of another runtime adds its field by augmentation. */
export interface Native {
  [name: string]: unknown;
}

/** The runtime that serves: ours are named here, any other string is welcome. */
export type Runtime = "node" | "bun" | "deno" | "workerd" | (string & Record<never, never>);

/** One request, as a dictionary. Absent keys are absent. Filters add their keys by augmentation. */
export interface Environ {
  /** The method as it came: `"GET"`. */
  REQUEST_METHOD: string;
  /** The part of the path at which the app is mounted, decoded: `"/wiki"`; `""` at the root. */
  SCRIPT_NAME: string;
  /** The rest of the path, decoded, `%2F` kept: `"/Café"`; `SCRIPT_NAME + PATH_INFO` is always the whole. */
  PATH_INFO: string;
  /** What follows the `?`, undecoded: `"rev=2"`; `""` for none. */
  QUERY_STRING: string;
  /** Path and query as they came, undecoded: `"/wiki/Caf%C3%A9?rev=2"`. */
  REQUEST_URI: string;
  /** The listener's name or address, IPv6 without brackets: `"127.0.0.1"`; of a Worker the URL's. */
  SERVER_NAME: string;
  /** The listener's port: `"8080"`; of a Worker the URL's. */
  SERVER_PORT: string;
  /** The HTTP version: `"HTTP/1.1"`. */
  SERVER_PROTOCOL: string;
  /** The server's name; absent where it says none. */
  SERVER_SOFTWARE?: string;
  /** The field Content-Type, raw: `"application/json"`; absent without it. */
  CONTENT_TYPE?: string;
  /** The field Content-Length, digits: `"5"`; absent without it, as when the body comes in chunks. */
  CONTENT_LENGTH?: string;
  /** The client's address: `"127.0.0.1"`; a trusted proxy's word counts. Absent where it is not known (a unix socket). */
  REMOTE_ADDR?: string;
  /** The client's port: `"54321"`; absent where it is not known. */
  REMOTE_PORT?: string;
  /** Who the client is, `"ann"`, once a filter or the host has found out; absent otherwise. */
  REMOTE_USER?: string;
  /** The field Host, raw: `"example.com:8080"`. Each HTTP_ key is absent when the request has no such field. */
  HTTP_HOST?: string;
  /** The field Accept, raw: `"text/html, text/*;q=0.5"`. */
  HTTP_ACCEPT?: string;
  /** The field Accept-Encoding, raw: `"gzip, br"`. */
  HTTP_ACCEPT_ENCODING?: string;
  /** The field Accept-Language, raw: `"de, en;q=0.5"`. */
  HTTP_ACCEPT_LANGUAGE?: string;
  /** The field Authorization, raw: `"Bearer abc"`. */
  HTTP_AUTHORIZATION?: string;
  /** The field Cookie, raw, a repeated one joined by `"; "`: `"a=1; b=2"`. */
  HTTP_COOKIE?: string;
  /** The field If-Modified-Since, raw: `"Sun, 06 Nov 1994 08:49:37 GMT"`. */
  HTTP_IF_MODIFIED_SINCE?: string;
  /** The field If-None-Match, raw: `'"v1", "v2"'`. */
  HTTP_IF_NONE_MATCH?: string;
  /** The field Origin, raw: `"https://example.com"`. */
  HTTP_ORIGIN?: string;
  /** The field Range, raw: `"bytes=0-99"`. */
  HTTP_RANGE?: string;
  /** The field Referer, raw: `"https://example.com/"`. */
  HTTP_REFERER?: string;
  /** The field User-Agent, raw: `"curl/8.5.0"`. */
  HTTP_USER_AGENT?: string;
  /** The version of the contract. */
  "tsgi.version": readonly [1, 0];
  /** `"http"` or `"https"`: of the connection, or what a trusted proxy says. */
  "tsgi.url_scheme": string;
  /** The request body, read once; without a body it is empty. */
  "tsgi.input": Input;
  /** The server's log; default the console. */
  "tsgi.errors": ErrorLog;
  /** Whether another thread may run the same app object; `false` on every runtime of ours. */
  "tsgi.multithread": boolean;
  /** Whether other processes run the same app. */
  "tsgi.multiprocess": boolean;
  /** Whether the app is called for one request and never again; `false` on every runtime of ours. */
  "tsgi.run_once": boolean;
  /** `"node"`, `"bun"`, `"deno"`, `"workerd"`, or any other name. */
  "tsgi.runtime": Runtime;
  /** Aborts when the client has gone before it had everything. */
  "tsgi.signal": AbortSignal;
  /** A genuine Request, built when it is first read. */
  "tsgi.request": Request;
  /** A Worker's `env`, elsewhere `process.env`; in no listing. */
  "tsgi.bindings": Bindings;
  /** The runtime's own objects, `.node.req`, `.bun.server`; in no listing. */
  "tsgi.native": Native;
  /** Keeps the process or isolate alive until the promise settles; absent where there is no such thing. */
  "tsgi.wait_until"?: (promise: PromiseLike<unknown>) => void;
  /** A body that gives a file block by block; absent where there are none. */
  "tsgi.file_wrapper"?: (file: unknown, blockSize?: number) => Body;
  /** Every other field of the request, raw: upper case, `-` as `_`; a repeated field joined by `", "`. */
  [header: `HTTP_${string}`]: string | undefined;
  /** A key of a filter's or server's own has a dot in its name, `"session.user"`, and may hold anything. */
  [key: string]: unknown;
}

/** What stands around an app outside a request: start-up is the async factory, this is the other end. */
export interface Lifespan {
  [Symbol.asyncDispose]?(): PromiseLike<void>;
}

/** An app's answer as a value: what `call` gives and `respond` takes. */
export interface Answer {
  status: string;
  headers: HeaderList;
  body: Body;
  error?: unknown;
}

/** A Hono, h3, Elysia app or a Worker's default export: called as `fetch(request, bindings, context)`. */
export interface FetchApp {
  // oxlint-disable-next-line typescript/no-explicit-any -- each framework types its own bindings and context here
  fetch(request: Request, bindings?: any, context?: any): Response | Promise<Response>;
}
