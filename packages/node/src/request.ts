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
import { FileWrapper, InputError } from "@tsgi/core";
import { buildRequest, checkFields, convert, declaredLength } from "@tsgi/core/adapter";

/** What a host such as Express adds to a request that it hands on. */
export type HostRequest = IncomingMessage & { originalUrl?: string; baseUrl?: string; body?: unknown };

/** What stays the same for all requests of one listener. */
export interface Setting {
  readonly limits: Limits;
  readonly errorLog: ErrorLog | undefined;
  /** Our own server: no host stands between, and a request is what Node parsed. */
  readonly own: boolean;
  readonly environ: ((req: IncomingMessage, res: ServerResponse) => Partial<Environ>) | undefined;
}

/** One request of node:http, read where it lies: `rawHeaders`, never `headersDistinct` (10 % of a server's speed). */
export class NodeSource implements Source {
  private readonly req: HostRequest;
  private readonly res: ServerResponse;
  private readonly setting: Setting;
  private body: Payload | null | undefined = undefined;
  /** The client waits to be asked for its body. */
  private readonly awaited: boolean;

  constructor(req: IncomingMessage, res: ServerResponse, setting: Setting, awaited: boolean) {
    this.req = req;
    this.res = res;
    this.setting = setting;
    this.awaited = awaited;
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
    const { originalUrl, baseUrl, url } = this.req;
    if (baseUrl !== undefined) return baseUrl;
    if (originalUrl === undefined || url === undefined) return undefined;
    const rest = url.startsWith("/") && !originalUrl.endsWith(url) ? url.slice(1) : url;
    return originalUrl.endsWith(rest)
      ? originalUrl.slice(0, originalUrl.length - rest.length).replace(/\/$/, "")
      : undefined;
  }

  get protocol(): string {
    return this.req.httpVersion === "1.1" ? "HTTP/1.1" : `HTTP/${this.req.httpVersion}`;
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

  get fieldsChecked(): boolean {
    return true;
  }

  header(name: string): string | undefined {
    const raw = this.req.rawHeaders;
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
    const raw = this.req.rawHeaders;
    for (let i = 0; i < raw.length; i += 2) yield raw[i];
  }

  payload(): Payload | null {
    return this.body === undefined ? (this.body = this.makePayload()) : this.body;
  }

  private makePayload(): Payload | null {
    const length = this.header("content-length");
    if (length === undefined && this.header("transfer-encoding") === undefined && this.req.httpVersionMajor < 2)
      return null;
    if (!this.setting.own && this.req.readableEnded && this.req.body !== undefined)
      return new ParsedPayload(this.req.body, this.header("content-type") ?? "");
    return new NodePayload(this.req, this.res, declaredLength(length), this.awaited);
  }

  onDisconnect(listener: () => void): void {
    const { res } = this;
    if (res.destroyed || this.req.socket.destroyed) listener();
    // not req: its "close" only says that the request was read
    else
      res.once("close", () => {
        if (!res.writableFinished) listener();
      });
  }

  /** Node's parser takes HTTP/0.9 and HTTP/2.0 request lines on a connection of HTTP/1.1. */
  refuse(): Refusal | undefined {
    const { httpVersion, httpVersionMajor, rawHeaders } = this.req;
    if (httpVersion !== "1.1" && httpVersion !== "1.0" && (httpVersionMajor !== 2 || !("stream" in this.req)))
      return { status: 505, why: `HTTP/${httpVersion}` };
    // a host's server keeps 1000 fields and drops the rest without a word (maxHeadersCount)
    if (!this.setting.own && rawHeaders.length >= 2000) return { status: 431, why: "1000 header fields or more" };
    return checkFields(rawHeaders, this.protocol, this.setting.limits.headers);
  }

  request(parts: RequestParts): Request {
    return buildRequest(this, this.req.rawHeaders, parts);
  }

  get fileWrapper(): (file: unknown, blockSize?: number) => FileWrapper {
    return wrapFile;
  }
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
    this.res.writeContinue();
  }

  /** Counted by listeners: faster than the stream's iterator, and the limit holds whatever was declared. */
  whole(kind: WholeKind, limit: number): Promise<unknown> {
    const { req } = this;
    this.ask();
    return new Promise<Bytes>((resolve, reject) => {
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
      req.on("data", onData);
      req.once("end", () =>
        resolve((more === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(more, size)) as unknown as Bytes),
      );
      req.once("error", (cause) => stop(cutShort(cause)));
      req.once("close", () => {
        if (!req.readableEnded) stop(cutShort(undefined));
      });
      if (req.destroyed && !req.readableEnded) stop(cutShort(undefined));
    }).then((bytes) => (kind === "bytes" ? bytes : convert(kind, bytes, req.headers["content-type"])));
  }

  chunks(): AsyncIterator<Uint8Array> {
    this.ask();
    // the request stays whole when a reader stops: what is left is drained, or the connection closes
    return this.req.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  }
}

function cutShort(cause: unknown): InputError {
  return new InputError(400, "tsgi.input: the body is malformed or was cut short", { cause });
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

  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    const { body, type } = this;
    if (body instanceof Uint8Array) yield body;
    else if (typeof body === "string") yield Buffer.from(body);
    else if (/^application\/x-www-form-urlencoded/i.test(type))
      yield Buffer.from(formOf(body as Record<string, unknown>));
    else if (/\bjson\b/i.test(type)) yield Buffer.from(JSON.stringify(body));
    else
      throw new TypeError(
        `tsgi.input: the host has read this body of type ${JSON.stringify(type)} already and its bytes are gone; mount the app before the body parser`,
      );
  }
}

function formOf(fields: Record<string, unknown>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    for (const one of Array.isArray(value) ? value : [value]) form.append(name, String(one));
  return form.toString();
}
