import type { Bindings, Body, Bytes, Environ, ErrorLog, Input, Native, Runtime } from "./contract.ts";
import type { Limits } from "./limits.ts";

/** How a request body is read once: bytes, text, JSON or a form. */
export type WholeKind = "bytes" | "text" | "json" | "formData";

/** A request body as the transport has it. Core asks for one of the three, once, and only when the app reads. */
export interface Payload {
  /** The declared length in bytes; `undefined` when it is not known beforehand (chunked). */
  readonly length: number | undefined;
  /** The client sends its body only when asked to (Expect: 100-continue): the first read asks. */
  readonly awaited?: boolean | undefined;
  /**
   * The whole body by the runtime's own reader, when it can keep to `limit` bytes; `undefined` hands the reading back
   * to core. A body that is too large or cut short rejects, best with an `InputError`.
   */
  whole?(kind: WholeKind, limit: number): Promise<unknown> | undefined;
  /** The whole body as the runtime's own stream; asked for only when `length` is known and within the limit. */
  stream?(): ReadableStream<Bytes>;
  /** The body piece by piece; `return()` lets the rest go. */
  chunks(): AsyncIterator<Uint8Array>;
}

/**
 * One request as an adapter has it: what environ is read from, each part only when somebody asks. Strings are as they
 * came from the wire, one character a byte.
 */
export interface Source {
  /** The method as received. */
  readonly method: string;
  /** The request-target as received: origin-form, absolute-form or `*`. */
  readonly target: string;
  /** `HTTP/1.1`, `HTTP/1.0`, `HTTP/2` … */
  readonly protocol: string;
  /** `http` or `https`, of the connection; never what the client claims. */
  readonly scheme: string;
  /** Name and port of the listener. */
  readonly serverName: string;
  readonly serverPort: string;
  readonly serverSoftware?: string | undefined;
  readonly remoteAddr?: string | undefined;
  readonly remotePort?: string | undefined;
  /** The client came over a unix socket, and so has no address. */
  readonly unixPeer?: boolean | undefined;
  readonly runtime: Runtime;
  readonly native: Native;
  readonly bindings?: Bindings | undefined;
  readonly limits: Limits;
  /** Where `tsgi.errors` writes; absent means the console. */
  readonly errors?: ErrorLog | undefined;
  /** Several processes, each with the whole app (`tsgi.multiprocess`). */
  readonly multiprocess?: boolean | undefined;
  /** Where the app is mounted, as it stands in the URL; cut from the front of the path. */
  readonly mount?: string | undefined;
  /** The proxy in front is trusted and its X-Forwarded-* and Forwarded fields were applied: they stay visible. */
  readonly trusted?: boolean | undefined;
  /** Keys that a host adds to the environ. */
  readonly extra?: Partial<Environ> | undefined;
  /** One field by its lower-case name; a repeated field joined by ", " (Cookie by "; ", RFC 9113 8.2.3). */
  header(name: string): string | undefined;
  /** The names of all fields. */
  headerNames(): Iterable<string>;
  /** The fields were seen as they came, one by one, and `refuse` has checked them (`checkFields`). */
  readonly fieldsChecked?: boolean | undefined;
  /** The request body, `null` when there is none. */
  payload(): Payload | null;
  /** Calls `listener` once when the client has gone before the answer was handed over whole; a later call is harmless. */
  onDisconnect(listener: () => void): void;
  /** The runtime's own Request; one without builds it of these parts (`buildRequest`), when somebody first asks. */
  request(parts: RequestParts): Request;
  /** Whether `request` hands over what the runtime made, and not what was built here. */
  readonly hasRequest?: boolean | undefined;
  /** Keeps the process or isolate alive until the promise settles; absent where a runtime has no such thing. */
  readonly waitUntil?: ((promise: PromiseLike<unknown>) => void) | undefined;
  /** What `tsgi.file_wrapper` gives; absent where there are no files. */
  readonly fileWrapper?: ((file: unknown, blockSize?: number) => Body) | undefined;
  /** What the transport refuses by itself before the app runs: a status and a reason for the log. */
  refuse?(): Refusal | undefined;
}

/** What a Request is built of beside the source itself. */
export interface RequestParts {
  /** The whole URL, or the one that a mounted app is to see. */
  readonly url: string;
  readonly signal: AbortSignal;
  /** The request body. */
  readonly input: Input;
}

/** A request that is answered without the app: the status, and for the log what was wrong. */
export interface Refusal {
  readonly status: number;
  readonly why: string;
}
