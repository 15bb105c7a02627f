import { Buffer } from "node:buffer";
import { ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from "node:http";
import { Writable } from "node:stream";
import type { Bytes, HeaderList } from "@tsgi/core";
import { isHopByHop } from "@tsgi/core/adapter";
import type { ListenerBody } from "./from-listener-body.ts";
import { membersOf, type ListenerRequest } from "./from-listener-request.ts";
import type { ListenerSocket } from "./from-listener-socket.ts";

type Callback = (error?: Error | null) => void;
type Value = string | number | readonly string[];
/** What `writeHead` takes: an object, names and values in turn, or a list of pairs. */
type Fields = Readonly<Record<string, Value | undefined>> | readonly Value[] | readonly (readonly [string, Value])[];

/** Who a response is for. */
export interface Receiver {
  readonly body: ListenerBody;
  /** The head is about to leave; `whole` is the answer's one chunk, when the listener gave it with the end. */
  begin(status: string, headers: HeaderList, whole: Bytes | undefined): void;
  /** The response was destroyed before its end. */
  broken(error: Error | null): void;
}

/**
 * The response that a listener writes to. The streaming, with its events, callbacks and back-pressure, is Writable's;
 * the head is what ServerResponse would have made of it, less what belongs to the connection: that is the gateway's.
 */
export class ListenerResponse extends Writable {
  statusCode = 200;
  statusMessage: string | undefined = undefined;
  sendDate = true;
  shouldKeepAlive = true;
  strictContentLength = false;
  readonly req: ListenerRequest;
  readonly socket: ListenerSocket;
  readonly connection: ListenerSocket;
  readonly #receiver: Receiver;
  readonly #fields = new Map<string, { name: string; value: Value }>();
  #head: { line: string; list: HeaderList } | undefined = undefined;
  #begun = false;

  constructor(req: ListenerRequest, receiver: Receiver) {
    super();
    this.req = req;
    this.socket = this.connection = req.socket;
    this.#receiver = receiver;
    Object.defineProperties(this, MEMBERS);
    Object.setPrototypeOf(this, ServerResponse.prototype);
  }

  // ---- the head ----------------------------------------------------------------------------------------------------

  get headersSent(): boolean {
    return this.#head !== undefined;
  }

  /** Older middleware asks this instead of `headersSent`. */
  get _header(): string | null {
    if (this.#head === undefined) return null;
    return [`HTTP/1.1 ${this.#head.line}`, ...this.#head.list.map((pair) => pair.join(": ")), "\r\n"].join("\r\n");
  }

  _implicitHeader(): void {
    this.writeHead(this.statusCode);
  }

  setHeader(name: string, value: Value): this {
    this.#refuseLate("set");
    validateHeaderName(name);
    for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, one as string);
    this.#fields.set(name.toLowerCase(), { name, value });
    return this;
  }

  appendHeader(name: string, value: string | readonly string[]): this {
    const before = this.getHeader(name);
    const all = before === undefined ? [] : Array.isArray(before) ? before : [String(before)];
    return this.setHeader(name, [...all, ...[value].flat()] as string[]);
  }

  setHeaders(headers: Iterable<readonly [string, Value]>): this {
    const cookies: (string | readonly string[])[] = [];
    // of a Headers object, which gives each cookie by itself
    for (const [name, value] of headers)
      if (name === "set-cookie") cookies.push(value as string | readonly string[]);
      else this.setHeader(name, value);
    return cookies.length > 0 ? this.setHeader("set-cookie", cookies.flat()) : this;
  }

  getHeader(name: string): Value | undefined {
    return this.#fields.get(name.toLowerCase())?.value;
  }

  getHeaders(): Record<string, Value> {
    const all = Object.create(null) as Record<string, Value>;
    for (const [name, { value }] of this.#fields) all[name] = value;
    return all;
  }

  getHeaderNames(): string[] {
    return [...this.#fields.keys()];
  }

  getRawHeaderNames(): string[] {
    return Array.from(this.#fields.values(), ({ name }) => name);
  }

  hasHeader(name: string): boolean {
    return this.#fields.has(name.toLowerCase());
  }

  removeHeader(name: string): void {
    this.#refuseLate("remove");
    this.#fields.delete(name.toLowerCase());
  }

  writeHead(statusCode: number, reason?: string | Fields, fields?: Fields): this {
    this.#refuseLate("write");
    const code = Math.trunc(Number(statusCode));
    if (!(code >= 100 && code <= 999))
      throw withCode(new RangeError(`Invalid status code: ${String(statusCode)}`), "ERR_HTTP_INVALID_STATUS_CODE");
    if (typeof reason === "string") this.statusMessage = reason;
    else fields ??= reason;
    this.statusMessage ??= STATUS_CODES[code] ?? "unknown";
    this.statusCode = code;
    if (fields !== undefined && fields !== null) this.#merge(fields);
    const list: HeaderList = [];
    for (const { name, value } of this.#fields.values()) {
      if (isHopByHop(name)) continue;
      for (const one of Array.isArray(value) ? (value as string[]) : [String(value)]) list.push([name, one]);
    }
    this.#head = { line: `${code} ${this.statusMessage}`, list };
    return this;
  }

  flushHeaders(): void {
    this.#begin(undefined);
  }

  // neither trailers nor interim answers are part of the contract; 100 Continue is the gateway's, at the first read
  addTrailers(): void {}

  writeContinue(callback?: () => void): void {
    callback?.();
  }

  writeProcessing(callback?: () => void): void {
    callback?.();
  }

  writeEarlyHints(_hints: object, callback?: () => void): void {
    callback?.();
  }

  #merge(fields: Fields): void {
    if (!Array.isArray(fields)) {
      for (const [name, value] of Object.entries(fields)) if (value !== undefined) this.setHeader(name, value as Value);
      return;
    }
    const flat = (Array.isArray(fields[0]) ? fields.flat(1) : fields) as string[];
    // what is given takes the place of what was set, and may repeat
    for (let i = 0; i < flat.length; i += 2) this.removeHeader(flat[i]);
    for (let i = 0; i < flat.length; i += 2)
      if (this.hasHeader(flat[i])) this.appendHeader(flat[i], flat[i + 1]);
      else this.setHeader(flat[i], flat[i + 1]);
  }

  #refuseLate(what: string): void {
    if (this.#head === undefined) return;
    const message = `Cannot ${what} headers after they are sent to the client`;
    throw withCode(new Error(message), "ERR_HTTP_HEADERS_SENT");
  }

  // ---- the body ----------------------------------------------------------------------------------------------------

  get finished(): boolean {
    return this.writableEnded;
  }

  override write(chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
    if (this.writableEnded) return this.#writeLate(typeof encoding === "function" ? encoding : callback);
    // what is no chunk is refused by Writable, and the head is not fixed by it
    if (isChunk(chunk)) this.#begin(undefined);
    return super.write(chunk, encoding as BufferEncoding, callback);
  }

  override end(chunk?: unknown, encoding?: BufferEncoding | Callback, callback?: Callback): this {
    if (typeof chunk === "function") return this.end(undefined, undefined, chunk as Callback);
    if (typeof encoding === "function") return this.end(chunk, undefined, encoding);
    const none = chunk === undefined || chunk === null;
    if (this.writableEnded || none || this.#begun) {
      if (!this.#begun) this.#begin(Buffer.alloc(0) as unknown as Bytes);
      return none || this.writableEnded ? super.end(callback) : super.end(chunk, encoding as BufferEncoding, callback);
    }
    if (!isChunk(chunk))
      throw withCode(
        new TypeError(`The "chunk" argument must be of type string or an instance of Buffer or Uint8Array`),
        "ERR_INVALID_ARG_TYPE",
      );
    this.#begin((typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk) as Bytes);
    return super.end(callback);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#receiver.body.push(chunk as unknown as Bytes, (error) => {
      this.socket.refresh();
      callback(error);
    });
  }

  override _final(callback: Callback): void {
    this.#receiver.body.end(callback);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    if (!this.writableFinished) this.#receiver.broken(error);
    callback(error);
  }

  setTimeout(milliseconds: number, callback?: () => void): this {
    if (callback !== undefined) this.on("timeout", callback);
    this.socket.setTimeout(milliseconds);
    return this;
  }

  /** The head is fixed, by way of a `writeHead` that middleware may have put in the place of ours. */
  #begin(whole: Bytes | undefined): void {
    if (this.#begun || this.destroyed) return;
    if (this.#head === undefined) this.writeHead(this.statusCode);
    const head = this.#head as { line: string; list: HeaderList } | undefined;
    // a writeHead that keeps the head back (middleware's) has begun by itself, or has destroyed the answer
    if (head === undefined || this.#begun) return;
    this.#begun = true;
    this.#receiver.begin(head.line, head.list, whole);
  }

  /** As node:http says it: "error" and the callback's argument, and the answer goes on. */
  #writeLate(callback: Callback | undefined): false {
    const error = withCode(new Error("write after end"), "ERR_STREAM_WRITE_AFTER_END");
    queueMicrotask(() => {
      callback?.(error);
      if (!this.destroyed) this.emit("error", error);
    });
    return false;
  }
}

const MEMBERS = {
  ...membersOf(Writable.prototype, ["_write", "_writev", "_final", "_destroy"]),
  ...membersOf(ListenerResponse.prototype),
};

function isChunk(value: unknown): value is string | Uint8Array {
  return typeof value === "string" || value instanceof Uint8Array;
}

function withCode<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code });
}
