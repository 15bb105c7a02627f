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

/** `environ["tsgi.input"]`: the request body, read once. */
export interface Input extends AsyncIterable<Bytes> {
  /** What is left of the body, whole. */
  bytes(): Promise<Bytes>;
  /** What is left of the body, decoded as UTF-8. */
  text(): Promise<string>;
  /** `json<Page>()` or `const page: Page = await input.json()`; unchecked, like every JSON.parse. */
  json<T = unknown>(): Promise<T>;
  /** The fields of an urlencoded or multipart form. */
  formData(): Promise<FormData>;
  /** What is left of the body as a stream of bytes. */
  stream(): ReadableStream<Bytes> & AsyncIterable<Bytes>;
  /** At most `size` bytes, an empty array at the end. */
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
  REQUEST_METHOD: string;
  SCRIPT_NAME: string;
  PATH_INFO: string;
  QUERY_STRING: string;
  REQUEST_URI: string;
  SERVER_NAME: string;
  SERVER_PORT: string;
  SERVER_PROTOCOL: string;
  SERVER_SOFTWARE?: string;
  CONTENT_TYPE?: string;
  CONTENT_LENGTH?: string;
  REMOTE_ADDR?: string;
  REMOTE_PORT?: string;
  REMOTE_USER?: string;
  HTTP_HOST?: string;
  HTTP_ACCEPT?: string;
  HTTP_ACCEPT_ENCODING?: string;
  HTTP_ACCEPT_LANGUAGE?: string;
  HTTP_AUTHORIZATION?: string;
  HTTP_COOKIE?: string;
  HTTP_IF_MODIFIED_SINCE?: string;
  HTTP_IF_NONE_MATCH?: string;
  HTTP_ORIGIN?: string;
  HTTP_RANGE?: string;
  HTTP_REFERER?: string;
  HTTP_USER_AGENT?: string;
  "tsgi.version": readonly [1, 0];
  "tsgi.url_scheme": string;
  "tsgi.input": Input;
  "tsgi.errors": ErrorLog;
  "tsgi.multithread": boolean;
  "tsgi.multiprocess": boolean;
  "tsgi.run_once": boolean;
  "tsgi.runtime": Runtime;
  "tsgi.signal": AbortSignal;
  "tsgi.request": Request;
  "tsgi.bindings": Bindings;
  "tsgi.native": Native;
  "tsgi.wait_until"?: (promise: PromiseLike<unknown>) => void;
  "tsgi.file_wrapper"?: (file: unknown, blockSize?: number) => Body;
  [header: `HTTP_${string}`]: string | undefined;
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
