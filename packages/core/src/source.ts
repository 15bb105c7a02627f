import type { Bindings, Body, Bytes, Environ, ErrorLog, Input, Native, Runtime } from "./contract.ts";
import type { Limits } from "./limits.ts";
import type { Patience } from "./patience.ts";

/** How a request body is read once: bytes, text, JSON or a form. */
export type WholeKind = "bytes" | "text" | "json" | "formData";

/**
 * A request body as the transport has it. Nothing of it may be read before core asks; then core asks one of `whole`,
 * `stream` and `chunks`, once. What a client sends behind the body is the adapter's: while bytes of it are unread, the
 * connection serves no other request.
 */
export interface Payload {
  /** The declared length in bytes; `undefined` when it is not known beforehand (chunked). */
  readonly length: number | undefined;
  /** The client sends its body only when asked to (Expect: 100-continue): the first read asks, and then this is `false`. */
  readonly awaited?: boolean | undefined;
  /**
   * The whole body by the runtime's own reader, when it can keep to `limit` bytes; `undefined` hands the reading back
   * to core. A body that is too large or cut short rejects, best with an `InputError`.
   */
  whole?(kind: WholeKind, limit: number): Promise<unknown> | undefined;
  /** The whole body as the runtime's own stream; asked for only when `length` is known and within the limit. */
  stream?(): ReadableStream<Bytes>;
  /**
   * The body piece by piece; core counts it. Rejects, best with an `InputError`, when it is malformed or cut short: an
   * end always means that all of it came. `return()` says that the rest is not wanted.
   */
  chunks(): AsyncIterator<Uint8Array>;
}

/**
 * One request as an adapter has it: what environ is read from, each part only when somebody asks, and then perhaps more
 * than once. Strings are as they came from the wire, one character a byte. No member may throw.
 */
export interface Source {
  /**
   * What the transport refuses by itself: a status and a reason. Asked first, before the app and before anything is
   * built; where the fields can be seen one by one `checkFields` belongs here. Core then checks method and target.
   */
  refuse?(): Refusal | undefined;
  /** `refuse` has seen the fields one by one. Otherwise core looks for what joining repeated fields has left behind. */
  readonly fieldsChecked?: boolean | undefined;
  /**
   * To reach the fields costs a good part of a request (Bun 25 %, Deno 20 %): each is checked when somebody first looks
   * at it, the Host along with the first, and the request is refused then. What nobody looks at misleads nobody.
   */
  readonly fieldsLater?: boolean | undefined;
  /**
   * With `fieldsLater`: the fields that are looked at first where a body may follow, by their lower-case names. Default
   * Host, Transfer-Encoding and Content-Length; what the transport refuses by itself can be left out.
   */
  readonly framing?: readonly string[] | undefined;
  /** With `fieldsLater`: what is wrong with the fields beside what core looks for; asked at most once. */
  refuseFields?(): Refusal | undefined;
  /** With `fieldsLater`: this `target` is cut from a URL that a Host can shift: Host is looked at before it is handed out. */
  readonly hostMovesTarget?: boolean | undefined;
  /** The method as received. */
  readonly method: string;
  /** The request-target as received: origin-form, absolute-form or `*`. Core splits and decodes it. */
  readonly target: string;
  /** `HTTP/1.1`, `HTTP/1.0`, `HTTP/2` … */
  readonly protocol: string;
  /** `http` or `https`, of the connection; never what the client claims. */
  readonly scheme: string;
  /** Name or address of the listener (IPv6 without brackets), and its port. */
  readonly serverName: string;
  readonly serverPort: string;
  readonly serverSoftware?: string | undefined;
  /** Address and port of whoever is at the other end of the connection, a proxy perhaps. */
  readonly remoteAddr?: string | undefined;
  readonly remotePort?: string | undefined;
  /** The client came over a unix socket, and so has no address. */
  readonly unixPeer?: boolean | undefined;
  /** The proxy in front is trusted and its X-Forwarded-* and Forwarded fields were applied (`trusting`): they are visible. */
  readonly trusted?: boolean | undefined;
  /** Where the app is mounted, as it stands in the URL; cut from the front of the path. */
  readonly mount?: string | undefined;
  /** One field by its lower-case name; a repeated field joined by ", " (Cookie by "; ", RFC 9113 8.2.3). */
  header(name: string): string | undefined;
  /** The names of all fields, in any case of letters; one that is repeated may come repeatedly. */
  headerNames(): Iterable<string>;
  /** `tsgi.runtime`: any name. */
  readonly runtime: Runtime;
  /** `tsgi.native`: the transport's own objects, under a name of their own. */
  readonly native: Native;
  readonly bindings?: Bindings | undefined;
  /** The table of limits, `limitsOf(options.limits)`. Core keeps those of bodies; header bytes are the transport's. */
  readonly limits: Limits;
  /** Where `tsgi.errors` writes; absent means the console. */
  readonly errors?: ErrorLog | undefined;
  /** Several processes, each with the whole app (`tsgi.multiprocess`). */
  readonly multiprocess?: boolean | undefined;
  /** Keys that a host adds to the environ; they win over what is read from here. */
  readonly extra?: Partial<Environ> | undefined;
  /** The request body, the same object each time; `null` when the request has none. */
  payload(): Payload | null;
  /**
   * Calls `listener` when the client has gone before it had its answer: once, at once if it has gone already. Core asks
   * for it once, and only when an answer takes its time or somebody reads `tsgi.signal`; a call after the answer is
   * harmless.
   */
  onDisconnect(listener: () => void): void;
  /**
   * The `patience` of `@tsgi/core/adapter`, where `onDisconnect` costs more than a small answer: it is called once an
   * answer has taken some milliseconds. Without it, at once.
   */
  readonly patience?: Patience | undefined;
  /** The runtime's own Request; one without builds it of these parts (`buildRequest`), when somebody first asks. */
  request(parts: RequestParts): Request;
  /** Whether `request` hands over what the runtime made, and not what was built here. */
  readonly hasRequest?: boolean | undefined;
  /** Keeps the process or isolate alive until the promise settles; absent where a runtime has no such thing. */
  readonly waitUntil?: ((promise: PromiseLike<unknown>) => void) | undefined;
  /** What `tsgi.file_wrapper` gives; absent where there are no files. */
  readonly fileWrapper?: ((file: unknown, blockSize?: number) => Body) | undefined;
}

/** What a Request is built of beside the source itself. */
export interface RequestParts {
  /** The whole URL, or the one that a mounted app is to see. */
  readonly url: string;
  readonly signal: AbortSignal;
  /** The request body. */
  readonly input: Input;
  /** The fields, names and values in turn, where a proxy has changed those of the source. */
  readonly fields?: readonly string[] | undefined;
}

/** A request that is answered without the app: the status, and for the log what was wrong. */
export interface Refusal {
  readonly status: number;
  readonly why: string;
}
