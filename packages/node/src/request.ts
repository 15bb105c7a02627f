import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  Bindings,
  Bytes,
  Environ,
  ErrorLog,
  Limits,
  Native,
  Payload,
  Refusal,
  RequestParts,
  Source,
  WholeKind,
} from "@tsgi/core";
import {
  checkFields,
  convert,
  declaredLength,
  FileWrapper,
  InputError,
  lazyRequest,
  patience,
} from "@tsgi/core/adapter";
import { onQueueClosed } from "./queued.ts";

/** What a host such as Express adds to a request that it hands on. */
export type HostRequest = IncomingMessage & {
  originalUrl?: string;
  baseUrl?: string;
  body?: unknown;
  /** Of node:http2, whose compatibility API hands over the same shape. */
  stream?: { readonly endAfterHeaders: boolean; readonly destroyed: boolean; readonly rstCode: number };
};

/** What stays the same for all requests of one listener. */
export interface Setting {
  readonly limits: Limits;
  readonly errorLog: ErrorLog | undefined;
  /** Our own server: no host stands between, and a request is what Node parsed. */
  readonly own: boolean;
  /** The server closes: each answer says that its connection serves no further request. */
  closing?: boolean;
  /** Applied to each source: what a trusted proxy says counts. */
  readonly trust: (source: Source) => Source;
  readonly environ: ((req: IncomingMessage, res: ServerResponse) => Partial<Environ>) | undefined;
}

/** One request of node:http, read where it lies: `rawHeaders`, never `headersDistinct` (10 % of a server's speed). */
export class NodeSource implements Source {
  private readonly req: HostRequest;
  private readonly res: ServerResponse;
  private readonly setting: Setting;
  private body: Payload | null | undefined = undefined;
  /** Of HTTP/2. */
  declare private plain: readonly string[] | undefined;
  /** The client waits to be asked for its body. */
  private readonly awaited: boolean;

  constructor(req: IncomingMessage, res: ServerResponse, setting: Setting, awaited: boolean) {
    this.req = req;
    this.res = res;
    this.setting = setting;
    this.awaited = awaited;
  }

  /** A host may answer in our place at any time, and is listened to from the start. */
  get patience(): Source["patience"] {
    return this.setting.own ? patience : undefined;
  }

  get runtime(): "node" {
    return "node";
  }

  get native(): Native {
    return { node: { req: this.req, res: this.res } };
  }

  get bindings(): Bindings {
    return process.env;
  }

  get limits(): Limits {
    return this.setting.limits;
  }

  get errors(): ErrorLog | undefined {
    return this.setting.errorLog;
  }

  get extra(): Partial<Environ> | undefined {
    return this.setting.environ?.(this.req, this.res);
  }

  get method(): string {
    return this.req.method as string;
  }

  get target(): string {
    return (this.setting.own ? undefined : this.req.originalUrl) ?? (this.req.url as string);
  }

  /** What a host has cut from the front of the URL: Express says it, of Connect it is what `url` no longer has. */
  get mount(): string | undefined {
    if (this.setting.own) return undefined;
    const { baseUrl, url } = this.req;
    if (baseUrl !== undefined) return baseUrl;
    const originalUrl = this.req.originalUrl?.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/, "");
    if (originalUrl === undefined || url === undefined) return undefined;
    const rest = url.startsWith("/") && !originalUrl.endsWith(url) ? url.slice(1) : url;
    return originalUrl.endsWith(rest)
      ? originalUrl.slice(0, originalUrl.length - rest.length).replace(/\/$/, "")
      : undefined;
  }

  get protocol(): string {
    const { httpVersionMajor: major, httpVersionMinor: minor } = this.req;
    if (major === 1 && minor === 1) return "HTTP/1.1";
    return major === 2 ? "HTTP/2" : `HTTP/${major}.${minor}`;
  }

  get scheme(): string {
    return (this.req.socket as { encrypted?: boolean }).encrypted === true ? "https" : "http";
  }

  get serverName(): string {
    return this.req.socket.localAddress ?? "localhost";
  }

  get serverPort(): string {
    const port = this.req.socket.localPort;
    return port === undefined ? (this.scheme === "https" ? "443" : "80") : String(port);
  }

  get remoteAddr(): string | undefined {
    return this.req.socket.remoteAddress;
  }

  get remotePort(): string | undefined {
    const port = this.req.socket.remotePort;
    return port === undefined ? undefined : String(port);
  }

  /** A socket of TCP that was reset has no address either: it still knows its own, unless it is destroyed. */
  get unixPeer(): boolean {
    const { socket } = this.req;
    return socket.remoteAddress === undefined && socket.localAddress === undefined && !socket.destroyed;
  }

  get fieldsChecked(): boolean {
    return true;
  }

  /** Names and values in turn; of HTTP/2 without the pseudo-fields, `:authority` being the Host (RFC 9113 8.3.1). */
  private get raw(): readonly string[] {
    const { httpVersionMajor, rawHeaders } = this.req;
    return httpVersionMajor < 2 ? rawHeaders : (this.plain ??= plainFields(rawHeaders));
  }

  header(name: string): string | undefined {
    const { raw } = this;
    const length = name.length;
    let found: string | undefined;
    for (let i = 0; i < raw.length; i += 2) {
      const field = raw[i];
      if (field.length !== length || (field !== name && field.toLowerCase() !== name)) continue;
      found = found === undefined ? raw[i + 1] : `${found}${name === "cookie" ? "; " : ", "}${raw[i + 1]}`;
    }
    return found;
  }

  *headerNames(): Iterable<string> {
    const { raw } = this;
    for (let i = 0; i < raw.length; i += 2) yield raw[i];
  }

  payload(): Payload | null {
    return this.body === undefined ? (this.body = this.makePayload()) : this.body;
  }

  private makePayload(): Payload | null {
    const length = this.header("content-length");
    if (length === "0") return null;
    if (length === undefined && this.header("transfer-encoding") === undefined && !this.hasStream) return null;
    if (!this.setting.own) {
      if (this.req.readableEnded) return new ParsedPayload(this.req.body, this.header("content-type") ?? "");
      if (this.req.readableEncoding !== null) return new DecodedPayload(this.req, declaredLength(length));
    }
    return new NodePayload(this.req, this.res, declaredLength(length), this.awaited);
  }

  /** HTTP/2 tells by a flag and not by a field that a body follows. */
  private get hasStream(): boolean {
    const { stream } = this.req;
    return stream !== undefined && !stream.endAfterHeaders;
  }

  onDisconnect(listener: () => void): void {
    const { req, res } = this;
    if (res.destroyed || req.socket.destroyed || req.stream?.destroyed === true) listener();
    else {
      // not req: its "close" only says that the request was read
      res.on("close", () => {
        const { stream } = req;
        // the compatibility API of HTTP/2 calls an answer finished that was cut
        if (stream === undefined ? !res.writableFinished : !res.writableEnded || stream.rstCode !== 0) listener();
      });
      if (res.socket === null && !res.writableFinished && req.stream === undefined)
        onQueueClosed(req.socket, res, listener);
    }
  }

  /** Node's parser takes HTTP/0.9 and HTTP/2.0 request lines on a connection of HTTP/1.1. */
  refuse(): Refusal | undefined {
    const { httpVersionMajor: major, httpVersionMinor: minor, rawHeaders, stream } = this.req;
    if (major !== 1 || minor > 1)
      if (major !== 2 || minor !== 0 || stream === undefined) return { status: 505, why: `HTTP/${major}.${minor}` };
    // a host's server keeps 1000 fields and drops the rest without a word (maxHeadersCount)
    if (!this.setting.own && rawHeaders.length >= 2000) return { status: 431, why: "1000 header fields or more" };
    return checkFields(this.raw, this.protocol, this.setting.limits.headers);
  }

  request(parts: RequestParts): Request {
    return lazyRequest(this, this.raw, parts);
  }

  get fileWrapper(): (file: unknown, blockSize?: number) => FileWrapper {
    return wrapFile;
  }
}

function plainFields(raw: readonly string[]): string[] {
  const fields: string[] = [];
  let authority: string | undefined;
  for (let i = 0; i < raw.length; i += 2) if (raw[i] === ":authority") authority = raw[i + 1];
  if (authority !== undefined) fields.push("host", authority);
  for (let i = 0; i < raw.length; i += 2)
    if (!raw[i].startsWith(":") && (authority === undefined || raw[i].toLowerCase() !== "host"))
      fields.push(raw[i], raw[i + 1]);
  return fields;
}

const wrapFile = (file: unknown, blockSize?: number): FileWrapper => new FileWrapper(file, blockSize);

class NodePayload implements Payload {
  readonly length: number | undefined;
  private readonly req: IncomingMessage;
  private readonly res: ServerResponse;
  private waiting: boolean;

  constructor(req: IncomingMessage, res: ServerResponse, length: number | undefined, awaited: boolean) {
    this.req = req;
    this.res = res;
    this.length = length;
    this.waiting = awaited;
  }

  get awaited(): boolean {
    return this.waiting;
  }

  /** The first read asks a client that waits (RFC 9110 10.1.1); once. */
  private ask(): void {
    if (!this.waiting) return;
    this.waiting = false;
    // once the final head is out, a 100 would stand in the middle of the answer
    if (!this.res.headersSent) this.res.writeContinue();
  }

  /** Counted by listeners: faster than the stream's iterator, and the limit holds whatever was declared. */
  whole(kind: WholeKind, limit: number): Promise<unknown> {
    const { req } = this;
    this.ask();
    return new Promise((resolve, reject) => {
      let first: Buffer | undefined;
      let more: Buffer[] | undefined;
      let size = 0;
      const stop = (error: Error): void => {
        req.off("data", onData);
        req.pause();
        reject(error);
      };
      const onData = (chunk: Buffer): void => {
        size += chunk.length;
        if (size > limit) stop(new InputError(413, `tsgi.input: the body is larger than ${limit} bytes (limits.body)`));
        else if (first === undefined) first = chunk;
        else (more ??= [first]).push(chunk);
      };
      // `on`, since each of them comes once by itself, and `once` makes an object more; without a listener for "error" it is
      // "close" that tells of one
      req.on("data", onData);
      // a host that waits for something may have paused it, and then a listener for "data" alone does not begin
      if (req.isPaused()) req.resume();
      req.on("end", () => {
        try {
          const bytes = more === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(more, size);
          resolve(valueOf(kind, bytes, req.headers["content-type"]));
        } catch (error) {
          reject(error);
        }
      });
      req.on("close", () => {
        if (!req.readableEnded) stop(cutShort(req.errored ?? undefined));
      });
      if (req.destroyed && !req.readableEnded) stop(cutShort(req.errored ?? undefined));
    });
  }

  chunks(): AsyncIterator<Uint8Array> {
    this.ask();
    // the request stays whole when a reader stops: what is left is drained, or the connection closes
    return this.req.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  }
}

/** Text by Buffer's own decoder, twice as fast as TextDecoder on Node; a byte order mark is no text in either. */
function valueOf(kind: WholeKind, bytes: Buffer, contentType: string | undefined): unknown {
  if (kind === "bytes") return bytes;
  if (kind === "formData") return convert(kind, bytes as unknown as Bytes, contentType);
  const text = bytes.toString();
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return kind === "text" ? plain : JSON.parse(plain);
}

function cutShort(cause: unknown): InputError {
  return new InputError(400, "tsgi.input: the body is malformed or was cut short", { cause });
}

/** A body that the host has given an encoding (`req.setEncoding`): comes as text, and is bytes again. */
class DecodedPayload implements Payload {
  readonly length: number | undefined;
  private readonly req: IncomingMessage;

  constructor(req: IncomingMessage, length: number | undefined) {
    this.req = req;
    this.length = length;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const encoding = this.req.readableEncoding as BufferEncoding;
    const chunks = this.req.iterator({ destroyOnReturn: false }) as AsyncIterable<string>;
    for await (const chunk of chunks) yield Buffer.from(chunk, encoding);
  }
}

/** A body that the host has read already, as express.json() does: given back as the bytes that it stood for. */
class ParsedPayload implements Payload {
  readonly length = undefined;
  private readonly body: unknown;
  private readonly type: string;

  constructor(body: unknown, type: string) {
    this.body = body;
    this.type = type;
  }

  /** @throws TypeError at the first read, when there is no way back to the bytes: a fault of the host, and not of the client */
  chunks(): AsyncIterator<Uint8Array> {
    const bytes = this.restored();
    if (bytes === undefined)
      throw new TypeError(
        `tsgi.input: the host has read this body of type ${JSON.stringify(this.type)} already and its bytes are gone; mount the app before the body parser`,
      );
    return (async function* () {
      yield bytes;
    })();
  }

  private restored(): Uint8Array | undefined {
    const { body, type } = this;
    if (body instanceof Uint8Array) return body;
    if (typeof body === "string") return Buffer.from(body);
    if (body === undefined) return undefined;
    if (/\bjson\b/i.test(type)) return Buffer.from(JSON.stringify(body));
    if (typeof body !== "object" || body === null || !/^application\/x-www-form-urlencoded/i.test(type))
      return undefined;
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(body)) appendField(form, name, value);
    return Buffer.from(form.toString());
  }
}

/** What qs makes of `a[b]=c` goes back into the same brackets; a list repeats its name. */
function appendField(form: URLSearchParams, name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const one of value) appendField(form, typeof one === "object" ? `${name}[]` : name, one);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, part] of Object.entries(value)) appendField(form, `${name}[${key}]`, part);
  } else form.append(name, value === null || value === undefined ? "" : String(value));
}
