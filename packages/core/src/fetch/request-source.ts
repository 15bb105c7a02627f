import type { Bytes, Native, Runtime } from "../contract.ts";
import { isHost } from "../grammar.ts";
import { declaredLength } from "../input.ts";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import type { Payload, Refusal, RequestParts, Source, WholeKind } from "../source.ts";
import { checkSize } from "../check-fields.ts";

/** Scheme and authority of the last URL that was made of its Host: most requests come for the same. */
let lastOrigin = "none";

/**
 * A native Request as a Source: what the Bun, Deno and Workers adapters and `toFetch` build on. Each of them overrides
 * what its runtime knows better.
 */
export class RequestSource implements Source {
  protected readonly raw: Request;
  readonly method: string;
  /** Read once: on each runtime it is a call into native code. */
  protected readonly url: string;
  private headersOnce: Headers | undefined = undefined;
  private targetOnce: string | undefined = undefined;
  /** How long the origin of the URL is when it is the one that was good before; else 0. */
  private readonly known: number;
  /** Stands for `raw` once it was given a URL; the body has moved along. */
  private moved: Request | undefined = undefined;

  constructor(request: Request) {
    this.raw = request;
    this.method = request.method;
    this.url = request.url;
    const { length } = lastOrigin;
    this.known = this.url.charCodeAt(length) === 47 && this.url.startsWith(lastOrigin) ? length : 0;
  }

  /** An authority that is none, or a new one, is looked at with all fields at once. */
  get fieldsLater(): boolean {
    return this.known > 0;
  }

  /**
   * A Host with a slash in it leaves more than one behind the authority that was good before; one with a question mark or
   * a hash ends that authority. `*` has no slash of its own.
   */
  get hostMovesTarget(): boolean {
    const { target } = this;
    return target.indexOf("/", 1) > 0 || target.charCodeAt(target.length - 1) === 42; /* * */
  }

  get runtime(): Runtime {
    return "fetch";
  }

  get native(): Native {
    return { fetch: { request: this.raw } };
  }

  get limits(): Limits {
    return DEFAULT_LIMITS;
  }

  /** What follows the authority in the URL. Sliced, never parsed: a Host with a slash in it must not move the path. */
  get target(): string {
    return (this.targetOnce ??= this.cutTarget());
  }

  private cutTarget(): string {
    const { url } = this;
    if (url.charCodeAt(0) === 47) return url; // Bun, for a Host that is no host
    if (this.known > 0) return url.slice(this.known);
    let start = url.indexOf("://") + 3;
    for (; start < url.length; start++) {
      const code = url.charCodeAt(start);
      if (code === 47 || code === 63 || code === 35) break;
    }
    // workerd puts the asterisk of `OPTIONS *` behind the authority
    if (start === url.length) return url.endsWith("*") ? "*" : "/";
    return url.charCodeAt(start) === 47 ? url.slice(start) : `/${url.slice(start)}`;
  }

  get protocol(): string {
    return "HTTP/1.1";
  }

  get scheme(): string {
    return this.url.startsWith("https:") ? "https" : "http";
  }

  get serverName(): string {
    return this.authority.name;
  }

  get serverPort(): string {
    return this.authority.port;
  }

  /** Where no listener is known, name and port are those of the URL. */
  private get authority(): { name: string; port: string } {
    const usual = this.scheme === "https" ? "443" : "80";
    const match = /^[^:/]+:\/\/(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)(?::([0-9]+))?/.exec(this.url);
    return { name: match?.[1].replace(/^\[|\]$/g, "") || "localhost", port: match?.[2] ?? usual };
  }

  protected get headers(): Headers {
    return (this.headersOnce ??= this.raw.headers);
  }

  header(name: string): string | undefined {
    return this.headers.get(name) ?? undefined;
  }

  headerNames(): Iterable<string> {
    return this.headers.keys();
  }

  payload(): Payload | null {
    const request = this.moved ?? this.raw;
    // a Request that was made in memory has no such field; where there is one `body` is not asked for, since that makes
    // a stream, and Deno then reads the whole body through it (0.4 of the speed)
    const length = declaredLength(this.header("content-length"));
    if ((length === undefined || length === 0) && request.body === null) return null;
    return this.payloadOf(request, length);
  }

  /** For a runtime that wants a body read in a way of its own. */
  protected payloadOf(request: Request, length: number | undefined): RequestPayload {
    return new RequestPayload(request, length);
  }

  onDisconnect(listener: () => void): void {
    const { signal } = this.raw;
    // an environment may hand over a Request whose signal is not one of its own
    if (signal === undefined || signal === null) return;
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener, { once: true });
  }

  /** Limits of the header that somebody has set; else those of the runtime hold (measuring costs a walk over all fields). */
  refuseFields(): Refusal | undefined {
    this.remember();
    const { headers, headerBytes } = this.limits;
    return headers === DEFAULT_LIMITS.headers && headerBytes === DEFAULT_LIMITS.headerBytes
      ? undefined
      : checkSize(this.headers, this.limits);
  }

  /** A URL whose authority is the Host, and no absolute-form's that says another (RFC 9112 3.2.2). */
  protected remember(): void {
    const { url } = this;
    if (this.known > 0) return;
    const host = this.headers.get("host");
    const start = url.indexOf("://") + 3;
    const end = start + (host?.length ?? 0);
    if (host !== null && url.charCodeAt(end) === 47 && url.startsWith(host, start) && isHost(host))
      lastOrigin = url.slice(0, end);
  }

  request(parts: RequestParts): Request {
    return this.hasUrl ? this.raw : (this.moved ??= moveTo(parts.url, this.raw));
  }

  /** Whether the URL is one that an app can parse: Bun gives a path alone without a Host, workerd `http://host*`. */
  protected get hasUrl(): boolean {
    const { url } = this;
    return url.charCodeAt(0) !== 47 && (!url.endsWith("*") || this.target !== "*");
  }

  get hasRequest(): boolean {
    return true;
  }
}

function moveTo(url: string, request: Request): Request {
  const { method, headers, bodyUsed } = request;
  return new Request(url, bodyUsed ? { method, headers } : request);
}

/** The body of a Request, by its own readers where they can keep to the limit. */
export class RequestPayload implements Payload {
  readonly length: number | undefined;
  private readonly request: Request;

  constructor(request: Request, length: number | undefined) {
    this.request = request;
    this.length = length;
  }

  /** The native reader, when the length is known to be within the limit: counting a stream costs 30 to 40 %. */
  whole(kind: WholeKind, limit: number): Promise<unknown> | undefined {
    const { request } = this;
    // what somebody else has read is their fault and no malformed body: the stream says so when it is asked for
    if (this.length === undefined || this.length > limit || request.bodyUsed) return undefined;
    if (kind !== "bytes") return request[kind]();
    return typeof request.bytes === "function"
      ? request.bytes()
      : request.arrayBuffer().then((buffer) => new Uint8Array(buffer));
  }

  stream(): ReadableStream<Bytes> {
    // of a GET a runtime has no body, whatever length is declared
    return (this.request.body ?? new Response("").body) as ReadableStream<Bytes>;
  }

  chunks(): AsyncIterator<Uint8Array> {
    const reader = this.stream().getReader();
    return {
      next: () => reader.read() as Promise<IteratorResult<Uint8Array>>,
      return: async () => {
        await reader.cancel();
        return { done: true, value: undefined };
      },
    };
  }
}
