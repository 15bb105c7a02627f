import { Buffer } from "node:buffer";
import { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { Environ } from "@tsgi/core";
import { encodePath } from "@tsgi/core/adapter";
import type { ListenerSocket } from "./from-listener-socket.ts";

// Express gives every request and response a prototype of its own, over IncomingMessage's and ServerResponse's: what is
// ours has to stand on the object itself.

/** What a class's prototype has, to stand on an object. */
export function membersOf(prototype: object, but: readonly string[] = []): PropertyDescriptorMap {
  const members = Object.getOwnPropertyDescriptors(prototype) as PropertyDescriptorMap;
  for (const name of ["constructor", ...but]) delete members[name];
  return members;
}

/** An environ as the request that node:http would have made of it. */
export class ListenerRequest extends Readable {
  readonly environ: Environ;
  readonly socket: ListenerSocket;
  readonly connection: ListenerSocket;
  readonly client: ListenerSocket;
  readonly httpVersion: string;
  readonly httpVersionMajor: number;
  readonly httpVersionMinor: number;
  method: string;
  url: string;
  originalUrl: string;
  baseUrl: string;
  readonly headers: Record<string, string | string[]>;
  readonly headersDistinct: Record<string, string[]>;
  readonly rawHeaders: string[];
  readonly trailers: Record<string, string> = {};
  readonly trailersDistinct: Record<string, string[]> = {};
  readonly rawTrailers: string[] = [];
  readonly joinDuplicateHeaders = false;
  readonly upgrade = false;
  readonly statusCode = null;
  readonly statusMessage = null;
  aborted = false;
  /** The whole body has come. */
  complete: boolean;
  #input: AsyncIterator<Uint8Array> | undefined = undefined;
  #reading = false;
  /** Nobody wants the body, the gateway takes it in. */
  #dumped = false;
  /** The gateway has refused the rest of the body. */
  #refused = false;

  /** @param full the URL shows the mount too */
  constructor(environ: Environ, socket: ListenerSocket, full: boolean) {
    super();
    const [, major, minor] = /^HTTP\/(\d+)(?:\.(\d+))?$/.exec(environ.SERVER_PROTOCOL) ?? ["", "1", "1"];
    const script = encodePath(environ.SCRIPT_NAME);
    const path = encodePath(environ.PATH_INFO);
    const query = environ.QUERY_STRING === "" ? "" : `?${environ.QUERY_STRING}`;
    this.environ = environ;
    this.socket = this.connection = this.client = socket;
    this.httpVersionMajor = Number(major);
    this.httpVersionMinor = Number(minor ?? 0);
    this.httpVersion = `${major}.${minor ?? 0}`;
    this.method = environ.REQUEST_METHOD;
    this.originalUrl = (script + path || "/") + query;
    this.baseUrl = full ? "" : script;
    this.url = full ? this.originalUrl : (path || "/") + query;
    this.rawHeaders = rawHeadersOf(environ);
    this.headers = {};
    // a field may be called "constructor"
    this.headersDistinct = Object.create(null) as Record<string, string[]>;
    for (let i = 0; i < this.rawHeaders.length; i += 2) {
      const name = this.rawHeaders[i].toLowerCase();
      const value = this.rawHeaders[i + 1];
      const all = (this.headersDistinct[name] ??= []);
      all.push(value);
      this.headers[name] = name === "set-cookie" ? all : all.join(name === "cookie" ? "; " : ", ");
    }
    const { "content-length": length, "transfer-encoding": coding } = this.headers;
    this.complete = coding === undefined && (length === undefined || length === "0");
    // a client that goes is told by "aborted" and "close"; never an uncaught "error"
    this.on("error", () => {});
    Object.defineProperties(this, MEMBERS);
    Object.setPrototypeOf(this, IncomingMessage.prototype);
  }

  /** Whether somebody has begun to read. */
  get #started(): boolean {
    return this.#input !== undefined;
  }

  override _read(): void {
    if (this.#dumped) {
      this.push(null);
      return;
    }
    if (this.#reading) return;
    this.#reading = true;
    this.#input ??= this.environ["tsgi.input"][Symbol.asyncIterator]();
    this.#input.next().then(
      (step) => {
        this.#reading = false;
        this.socket.refresh();
        if (step.done === true) {
          this.complete = true;
          this.push(null);
        } else this.push(Buffer.from(step.value.buffer, step.value.byteOffset, step.value.byteLength));
      },
      (error: Error) => {
        this.#refused = true;
        this.destroy(error);
      },
    );
  }

  /** A request that is destroyed before its body was read takes its connection with it, as node:http's does. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.readableEnded && !this.#dumped) {
      this.aborted = true;
      this.emit("aborted");
      // a body that is too large, say, can still be answered
      if (!this.#refused) this.socket.destroy();
    }
    callback(error);
  }

  setTimeout(milliseconds: number, callback?: () => void): this {
    if (callback !== undefined) this.on("timeout", callback);
    this.socket.setTimeout(milliseconds);
    return this;
  }

  /** The client has gone. */
  leave(): void {
    if (this.destroyed) return;
    this.destroy(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
  }

  /** The answer is out: what nobody began to read ends here, and is the gateway's to take in. */
  dump(): void {
    if (this.#started || this.destroyed) return;
    this.#dumped = true;
    this.resume();
  }
}

const MEMBERS = membersOf(ListenerRequest.prototype);

/** The fields one by one as the client sent them, where the runtime still knows and no filter has changed them. */
function rawHeadersOf(environ: Environ): string[] {
  const fields = new Map<string, string>();
  for (const key of Object.keys(environ)) {
    const value = environ[key];
    if (typeof value !== "string") continue;
    if (key.startsWith("HTTP_")) fields.set(key.slice(5).toLowerCase().replaceAll("_", "-"), value);
    else if (key === "CONTENT_TYPE" || key === "CONTENT_LENGTH") fields.set(key.toLowerCase().replace("_", "-"), value);
  }
  const sent = new Map<string, string[]>();
  const native = nativeFields(environ);
  for (let i = 0; i < native.length; i += 2) {
    const name = native[i].toLowerCase();
    sent.set(name, [...(sent.get(name) ?? []), native[i + 1]]);
  }
  const raw: string[] = [];
  for (let i = 0; i < native.length; i += 2) {
    const name = native[i].toLowerCase();
    const same = sent.get(name)?.join(name === "cookie" ? "; " : ", ") === fields.get(name);
    if (same) raw.push(native[i], native[i + 1]);
    else sent.delete(name);
  }
  for (const [name, value] of fields) if (!sent.has(name)) raw.push(name, value);
  // how body parsers know that there is a body: HTTP/2 does not say it by a field, and a filter that decompresses takes
  // the length away
  const unsaid = !fields.has("content-length") && !fields.has("transfer-encoding");
  const hidden = !environ.SERVER_PROTOCOL.startsWith("HTTP/1") && /^(?:POST|PUT|PATCH)$/.test(environ.REQUEST_METHOD);
  const dropped = native.some((name, i) => i % 2 === 0 && name.toLowerCase() === "content-length");
  if (unsaid && (hidden || dropped)) raw.push("transfer-encoding", "chunked");
  return raw;
}

type AnyNative = { req?: { rawHeaders?: string[] }; request?: { headers?: Iterable<[string, string]> } } | undefined;

function nativeFields(environ: Environ): readonly string[] {
  for (const native of Object.values(environ["tsgi.native"] ?? {}) as AnyNative[]) {
    if (Array.isArray(native?.req?.rawHeaders)) return native.req.rawHeaders;
    if (native?.request?.headers !== undefined) return [...native.request.headers].flat();
  }
  return [];
}
