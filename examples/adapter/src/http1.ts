// HTTP/1.1 on the wire (RFC 9112): what any adapter on a bare socket needs, and none whose server parses by itself.
// Strict throughout: where two readers could disagree on where a request ends, the second request is smuggled.
import type { Socket } from "node:net";
import { InputError, status, type Head, type Refusal } from "@tsgi/core";
import { declaredLength, hasField } from "@tsgi/core/adapter";

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~\w]+) ([!-~\x80-\xff]+) HTTP\/([0-9]\.[0-9])$/;
// no space before the colon, no folding (RFC 9112 5); runs of text and of blanks in turn, so that it stays linear
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~\w]+):[\t ]*(?:([!-~\x80-\xff]+(?:[\t ]+[!-~\x80-\xff]+)*)[\t ]*)?$/;
const CHUNK_LINE = /^([0-9A-Fa-f]{1,8})(?:[\t ]*;[\t -~\x80-\xff]*)?$/;
/** Bytes of a chunk's size line, and of all trailers. */
const CHUNK_LINE_BYTES = 4096;
const TRAILER_BYTES = 8192;
/** Milliseconds that a client may be silent when it is its turn. */
const SILENCE = 60_000;

/** The head of a request as it came. */
export interface RequestHead {
  method: string;
  target: string;
  protocol: string;
  /** Names and values in turn. */
  raw: string[];
  /** What is wrong with it. */
  refusal: Refusal | undefined;
}

/** One field by its lower-case name; a repeated one joined by ", ", Cookie by "; " (RFC 9110 5.3, RFC 9113 8.2.3). */
export function fieldOf(raw: readonly string[], name: string): string | undefined {
  const values = raw.filter((_, i) => i % 2 === 1 && raw[i - 1].toLowerCase() === name);
  return values.length === 0 ? undefined : values.join(name === "cookie" ? "; " : ", ");
}

/** The head of an answer: what follows has this length, or comes in chunks, or (-1) ends with the connection. */
export function textOf(head: Head, length: number, isChunked: boolean, isLast: boolean): Buffer {
  let text = `HTTP/1.1 ${head.reason === "" ? status(head.code) : `${head.code} ${head.reason}`}\r\n`;
  for (let i = 0; i < head.fields.length; i += 2) text += `${head.fields[i]}: ${head.fields[i + 1]}\r\n`;
  if (!hasField(head, "date")) text += `Date: ${new Date().toUTCString()}\r\n`;
  if (length >= 0) text += `Content-Length: ${length}\r\n`;
  if (isChunked) text += "Transfer-Encoding: chunked\r\n";
  if (isLast) text += "Connection: close\r\n";
  return Buffer.from(`${text}\r\n`, "latin1");
}

/** A chunk of a body whose length nobody knows; an empty one ends it. */
export function chunkOf(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** What a client sends. It is read one piece ahead, so that its end is noticed; the rest waits in the socket. */
export class Reader {
  /** Bytes of the body are still to come. */
  unread = false;
  /** Called when the client has ended its side, or is gone. */
  onEnd: () => void = () => {};
  ended = false;
  private rest: Buffer = Buffer.alloc(0);
  private readonly socket: Socket;
  private readonly pieces: AsyncIterator<Buffer>;
  private ahead: Promise<Buffer | null>;

  constructor(socket: Socket) {
    this.socket = socket;
    this.pieces = socket.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
    this.ahead = this.next();
  }

  /** Whether there is something to read; waits for it. */
  async begins(): Promise<boolean> {
    return this.rest.length > 0 || this.more();
  }

  /** The head of a request, of so many bytes at most. Never rejects: what is wrong with it is its `refusal`. */
  async head(most: number): Promise<RequestHead> {
    const head: RequestHead = { method: "GET", target: "/", protocol: "HTTP/1.1", raw: [], refusal: undefined };
    try {
      // one empty line before a request is let pass (RFC 9112 2.2)
      const line = (await this.line(most, 431)) || (await this.line(most, 431));
      const match = REQUEST_LINE.exec(line);
      if (match === null) throw new InputError(400, "the request line is malformed");
      [, head.method, head.target] = match;
      if (!/^1\.[01]$/.test(match[3])) throw new InputError(505, `HTTP/${match[3]}`);
      head.protocol = `HTTP/${match[3]}`;
      head.raw = await this.fields(most - line.length, 431);
      const coding = fieldOf(head.raw, "transfer-encoding");
      const length = fieldOf(head.raw, "content-length");
      // beside a length, in HTTP/1.0, or other than "chunked", it says no clear end (RFC 9112 6.1)
      if (coding !== undefined && (coding.toLowerCase() !== "chunked" || match[3] === "1.0" || length !== undefined))
        throw new InputError(400, "Transfer-Encoding says no clear end");
      this.unread = coding !== undefined || (declaredLength(length) ?? 0) > 0;
    } catch (error) {
      const { status, message } = error as InputError; // nothing else is thrown here
      head.refusal = { status, why: message };
    }
    return head;
  }

  /** A body of so many bytes; of chunks when its length is `undefined`. */
  async *body(length: number | undefined): AsyncGenerator<Buffer, void, undefined> {
    for (let left = length ?? (await this.chunkSize()); left > 0;) {
      const bytes = await this.take(left);
      left -= bytes.length;
      yield bytes;
      if (left > 0 || length !== undefined) continue;
      if ((await this.line(1, 400)) !== "") throw new InputError(400, "a chunk is longer than it says");
      left = await this.chunkSize();
    }
    if (length === undefined) await this.fields(TRAILER_BYTES, 400); // trailers: checked, and dropped
    this.unread = false;
  }

  /** Takes in and drops what the client still sends. */
  async discard(most: number): Promise<void> {
    while (most > 0 && (await this.begins())) most -= (await this.take(most)).length;
  }

  private async next(): Promise<Buffer | null> {
    const { value } = await this.pieces.next().catch(() => ({ value: undefined }));
    this.ended = value === undefined;
    if (this.ended) this.onEnd();
    return value ?? null;
  }

  private async more(): Promise<boolean> {
    this.socket.setTimeout(SILENCE);
    const piece = await this.ahead;
    this.socket.setTimeout(0);
    if (piece === null) return false;
    this.rest = Buffer.concat([this.rest, piece]);
    this.ahead = this.next();
    return true;
  }

  private async take(most: number): Promise<Buffer> {
    if (!(await this.begins())) throw new InputError(400, "the body was cut short");
    const bytes = this.rest.subarray(0, most);
    this.rest = this.rest.subarray(bytes.length);
    return bytes;
  }

  /** A line without its CRLF; a lone CR or LF ends none (RFC 9112 2.2). */
  private async line(most: number, code: number): Promise<string> {
    let end = this.rest.indexOf("\n");
    for (; end < 0 && this.rest.length <= most; end = this.rest.indexOf("\n"))
      if (!(await this.more())) throw new InputError(400, "the request was cut short");
    if (end < 0 || end > most) throw new InputError(code, "a line is too long");
    const line = (await this.take(end + 1)).toString("latin1", 0, end);
    if (!/^[^\r]*\r$/.test(line)) throw new InputError(400, "a line does not end in CRLF");
    return line.slice(0, -1);
  }

  private async fields(most: number, code: number): Promise<string[]> {
    const raw: string[] = [];
    for (;;) {
      const line = await this.line(most, code);
      if (line === "") return raw;
      const field = FIELD_LINE.exec(line);
      if (field === null) throw new InputError(400, "a field line is malformed");
      raw.push(field[1], field[2] ?? "");
      most -= line.length;
    }
  }

  private async chunkSize(): Promise<number> {
    const match = CHUNK_LINE.exec(await this.line(CHUNK_LINE_BYTES, 400));
    if (match === null) throw new InputError(400, "a chunk size is malformed");
    return Number.parseInt(match[1], 16);
  }
}
