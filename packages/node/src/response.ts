import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Chunk, Chunks, Head, Sink } from "@tsgi/core";
import { unmarkAnswer } from "./client-error.ts";
import { Pump, type PumpOwner } from "./pump.ts";
import type { Setting } from "./request.ts";

/** RFC 9113 7: how an HTTP/2 stream is told from one that came to its end. */
const INTERNAL_ERROR = 2;

/** One answer through node:http. Head and first chunk leave in one write. */
export class NodeSink implements Sink, PumpOwner {
  private readonly req: IncomingMessage;
  private readonly res: ServerResponse;
  private readonly setting: Setting;
  /** A host's own error handling, where `errors: "next"` asks for it. */
  private readonly next: ((error: unknown) => void) | undefined;
  /** Our head is out: what is on the wire is ours, and not an answer of the host's. */
  private begun = false;

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    setting: Setting,
    next: ((error: unknown) => void) | undefined,
  ) {
    this.req = req;
    this.res = res;
    this.setting = setting;
    this.next = next;
    if (!setting.own) res.on("error", ignore);
  }

  send(head: Head, chunk: Chunk | null): void {
    const { res } = this;
    if (this.setting.own && res.destroyed) res.on("error", ignore);
    const ascii = typeof chunk === "string" && Buffer.byteLength(chunk) === chunk.length;
    const bytes = typeof chunk !== "string" || ascii ? chunk : Buffer.from(chunk);
    this.writeHead(head, head.length >= 0 || bytes === null ? head.length : lengthOf(head, bytes));
    // an explicit length and a text chunk would let Node encode head and body together, the head's latin-1 as UTF-8
    const encoding = ascii ? "latin1" : "utf8";
    const none = bytes === null || bytes.length === 0 || head.bodiless;
    if (head.close && !this.req.complete) {
      if (none) res.flushHeaders();
      else res.write(bytes, encoding);
      this.linger(() => this.end());
    } else if (none) this.end();
    else this.end(bytes, encoding);
  }

  private end(bytes?: Chunk, encoding?: BufferEncoding): void {
    const { req, res } = this;
    if (bytes === undefined) res.end();
    else res.end(bytes, encoding as BufferEncoding);
    if (this.setting.own) unmarkAnswer(req, res);
  }

  stream(head: Head, chunks: Chunks): void {
    if (this.setting.own) this.res.on("error", ignore);
    this.writeHead(head, head.length);
    const flush = this.setting.own ? undefined : (this.res as { flush?: () => void }).flush;
    new Pump(this.res, chunks, this, flush).run();
  }

  abort(): void {
    const { res, req } = this;
    // a host that has answered meanwhile, after a timeout perhaps, keeps its answer and the connection
    if (!this.begun && res.headersSent) return;
    const { stream } = res as { stream?: { close(code: number): void } };
    if (stream !== undefined) stream.close(INTERNAL_ERROR);
    // an answer to HTTP/1.0 ends where the connection does: only a reset tells a truncated one from a whole
    else if (res.headersSent && req.httpVersionMinor === 0) req.socket.resetAndDestroy();
    else res.destroy();
  }

  fail(error: unknown): boolean {
    if (this.next === undefined) return false;
    // no error, "route" and "router" mean to a host that all is well and that others are to be asked
    this.next(typeof error === "object" && error !== null ? error : new Error(`the app threw ${String(error)}`));
    return true;
  }

  /** Nobody waits for the end; with this `handle` makes no promise of it. */
  finished(): void {}

  pumped(): void {
    this.end();
    this.limitRest();
  }

  /** Of a body that nobody reads, Node would take in the rest for as long as the client sends. */
  private limitRest(): void {
    const { req } = this;
    if (req.complete || req.httpVersionMajor !== 1 || req.readableFlowing === true) return;
    if (req.listenerCount("readable") > 0) return;
    const timer = setTimeout(() => {
      if (!req.complete) req.socket.destroy();
    }, this.setting.limits.drainTime);
    req.once("close", () => clearTimeout(timer));
  }

  private writeHead(head: Head, length: number): void {
    const { res } = this;
    if (this.setting.own && this.req.httpVersionMajor === 1) {
      const flat = flatOf(head, length, head.close || this.setting.closing === true);
      res.writeHead(head.code, head.reason || STATUS_CODES[head.code] || "", flat);
      this.begun = true;
      return;
    }
    // inside a host: what it has set stays, its cookies above all, and a patched writeHead sees ordinary headers
    const seen = new Set<string>();
    for (let i = 0; i < head.fields.length; i += 2) {
      const name = head.fields[i];
      const lower = name.toLowerCase();
      if (seen.has(lower) || lower === "set-cookie") res.appendHeader(name, head.fields[i + 1]);
      else res.setHeader(name, head.fields[i + 1]);
      seen.add(lower);
    }
    // the framing is ours: what the host has set of it would be said beside the true one (RFC 9112 6.3). Asked first, since
    // Node takes the removal of what is not there for a wish
    const other = length >= 0 ? "Transfer-Encoding" : "Content-Length";
    if (res.hasHeader(other)) res.removeHeader(other);
    if (length >= 0) res.setHeader("Content-Length", String(length));
    if (head.close && this.req.httpVersionMajor === 1) res.setHeader("Connection", "close");
    if (this.req.httpVersionMajor === 1) res.writeHead(head.code, head.reason || STATUS_CODES[head.code] || "");
    else res.writeHead(head.code);
    this.begun = true;
  }

  /**
   * The client still sends a body that is not wanted. Closing now would reset the connection and lose the answer, so
   * the rest is read and dropped for a while.
   */
  private linger(end: () => void): void {
    const { req, setting } = this;
    let count = 0;
    const stop = (): void => {
      clearTimeout(timer);
      req.off("data", onData);
      req.pause();
      end();
    };
    const onData = (chunk: Buffer): void => {
      count += chunk.length;
      if (count > setting.limits.drain * 16) stop();
    };
    const timer = setTimeout(stop, setting.limits.drainTime);
    req.on("data", onData);
    req.once("end", stop);
    req.once("error", stop);
    req.resume();
  }
}

/**
 * A connection that breaks is said to whoever reads the body or listens for the disconnect; never an uncaught "error". In
 * our own server there is one for who writes to a connection that has gone, and none for an answer that is out.
 */
const ignore = (): void => {};

/** The fields that were sent last: answers that are alike have the same head, and many the same length. */
let last: { fields: readonly string[]; length: number; flat: string[] } = { fields: [], length: -1, flat: [] };

/** Names and values in turn, as `writeHead` takes them. */
function flatOf({ fields }: Head, length: number, close: boolean): string[] {
  if (close) {
    const flat = [...fields, "Connection", "close"];
    if (length >= 0) flat.push("Content-Length", String(length));
    return flat;
  }
  if (length < 0) return fields as string[];
  if (fields !== last.fields || length !== last.length)
    last = { fields, length, flat: [...fields, "Content-Length", String(length)] };
  return last.flat;
}

/** What Content-Length says of a whole answer: nothing of a 204 or 304, nor of a HEAD that was answered without its body. */
function lengthOf(head: Head, chunk: Chunk): number {
  const known = !head.bodiless || (chunk.length > 0 && head.code !== 204 && head.code !== 304);
  return known ? chunk.length : -1;
}
