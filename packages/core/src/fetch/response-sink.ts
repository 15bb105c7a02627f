import type { Chunk } from "../contract.ts";
import { toBytes } from "../body.ts";
import type { Chunks, Head, Puller, Sink } from "../sink.ts";

/** An answer as a native Response: what the Bun, Deno and Workers adapters and `toFetch` build on. */
export class ResponseSink implements Sink {
  /** There is a Response: the answer has begun. */
  begun = false;
  /** The runtime has asked for a first chunk: it has taken the stream, and cancels it when the client leaves. */
  isTaken = false;
  /** The exchange is over: all is sent and cleaned up. */
  over = false;
  private response: Response | undefined = undefined;
  private waiting: ((response: Response) => void) | undefined = undefined;

  /** The Response, now or as soon as the head may leave: asked for once. */
  get result(): Response | Promise<Response> {
    return this.response ?? new Promise((resolve) => (this.waiting = resolve));
  }

  finished(): void {
    this.over = true;
  }

  /** With the first chunk that is asked for. */
  taken(): void {
    this.isTaken = true;
  }

  /** The client has left in the middle of a stream. */
  left(): void {}

  /** Nothing more is asked of the app: its stream has ended, or breaks off. */
  spent(): void {}

  send(head: Head, chunk: Chunk | null): void {
    // a null body status with a body is a TypeError (Fetch standard); a HEAD may keep its body, the runtime drops it
    // and takes the length from it
    const none = head.code === 204 || head.code === 205 || head.code === 304;
    const unknown = head.bodiless && head.length < 0 && (chunk === null || chunk.length === 0);
    this.give(
      this.build(none ? null : unknown ? this.unread() : chunk === null ? null : this.bodyOf(head, chunk), head, chunk),
    );
  }

  stream(head: Head, chunks: Chunks): void {
    this.give(this.build(streamOf(chunks, this), head, null));
  }

  abort(): void {
    // nobody is left to read it
    this.give(new Response(null, { status: 503 }));
  }

  respond(response: Response): void {
    this.give(response);
  }

  protected give(response: Response): void {
    if (this.begun) return;
    this.begun = true;
    const { waiting } = this;
    if (waiting === undefined) this.response = response;
    else {
      // a stream may last for hours: neither of the two is kept for so long
      this.waiting = undefined;
      waiting(response);
    }
  }

  /** What stands for the body of an answer to HEAD that nobody knows the length of. */
  protected unread(): ReadableStream<Uint8Array> | null {
    return null;
  }

  /** A string body would bring a Content-Type of its own along. */
  protected bodyOf(head: Head, chunk: Chunk): Chunk | ReadableStream<Uint8Array> {
    return head.typed ? chunk : toBytes(chunk);
  }

  protected build(body: Chunk | ReadableStream<Uint8Array> | null, head: Head, chunk: Chunk | null): Response {
    return new Response(body as BodyInit | null, this.startOf(head, chunk));
  }

  /**
   * What a Response begins with; that of the answer before it when the head is the same. An object is the fastest way in
   * (Deno 0.91 to 0.97, Bun 0.93 to 0.97 of bare), names as they are (to put them in lower case costs Bun 8 %); a
   * repeated name needs pairs (to append it afterwards costs Deno 10 %).
   */
  private startOf(head: Head, chunk: Chunk | null): ResponseInit {
    const length = head.length >= 0 && (chunk === null || head.bodiless) ? String(head.length) : undefined;
    if (length === undefined && head.fields === last.of && this.constructor === last.by) return last.init;
    const fields = this.fieldsOf(head);
    const record: Record<string, string> = length === undefined ? {} : { "content-length": length };
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i];
      // `__proto__` and the like are there already, and go the way of a repeated name
      if (record[name] !== undefined) return this.initOf(head, pairsOf(fields, length));
      record[name] = fields[i + 1];
    }
    if (length !== undefined) return this.initOf(head, record);
    last = { init: this.initOf(head, this.prepare(record)), of: head.fields, by: this.constructor };
    return last.init;
  }

  /** The fields as the runtime wants them. */
  protected fieldsOf(head: Head): readonly string[] {
    return head.fields;
  }

  /** What a Response is made of beside its body; the same object serves all answers that are alike. */
  protected initOf(head: Head, headers: FieldsInit): ResponseInit {
    return { status: head.code, statusText: head.reason, headers };
  }

  /** Fields that a Response is given again and again; the runtime copies them each time. */
  protected prepare(record: Record<string, string>): FieldsInit {
    return record;
  }
}

/** How a Response is told its fields; the global of this sense is not in every runtime's types. */
export type FieldsInit = Headers | Record<string, string> | [string, string][];

/** Whether a head has a field of this lower-case name. */
export function hasField(head: Head, name: string): boolean {
  for (let i = 0; i < head.fields.length; i += 2)
    if (head.fields[i].length === name.length && head.fields[i].toLowerCase() === name) return true;
  return false;
}

function pairsOf(fields: readonly string[], length: string | undefined): [string, string][] {
  const pairs: [string, string][] = length === undefined ? [] : [["content-length", length]];
  for (let i = 0; i < fields.length; i += 2) pairs.push([fields[i], fields[i + 1]]);
  return pairs;
}

/** What the last Response began with, the fields that it was made of, and the class of the sink that made it. */
let last: { init: ResponseInit; of: readonly string[]; by: unknown } = { init: {}, of: [], by: undefined };

/**
 * A stream that pulls: nothing is asked of the app before the client has room.
 *
 * @param sink told how the stream fares
 * @param waits a pull is a promise of its chunk: workerd is faster with one (0.90 of bare against 0.80), Bun and Deno
 *   without (1.02 against 0.90, 0.98 against 0.84)
 */
export function streamOf(chunks: Chunks, sink: ResponseSink, waits = false): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(new Pull(chunks, sink, waits), { highWaterMark: 0 });
}

/** What a ReadableStream is made of: it is told of a chunk that comes later. */
class Pull implements UnderlyingDefaultSource<Uint8Array>, Puller {
  private readonly chunks: Chunks;
  private readonly sink: ResponseSink;
  private readonly waits: boolean;
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;
  /** A chunk has been asked for: whoever reads ahead meanwhile is answered in turn. */
  private asking = false;
  private waited: (() => void) | undefined = undefined;

  constructor(chunks: Chunks, sink: ResponseSink, waits: boolean) {
    this.chunks = chunks;
    this.sink = sink;
    this.waits = waits;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.controller = controller;
  }

  pull(): void | Promise<void> {
    if (this.asking) return undefined;
    this.asking = true;
    if (!this.sink.isTaken) this.sink.taken();
    let chunk: Uint8Array | null | undefined;
    try {
      chunk = this.chunks.pullTo(this);
    } catch {
      return this.lost();
    }
    if (chunk !== undefined) return this.pulled(chunk);
    return this.waits ? new Promise((resolve) => (this.waited = resolve)) : undefined;
  }

  cancel(): void {
    this.controller = undefined;
    this.sink.left();
    this.chunks.cancel();
  }

  pulled(chunk: Uint8Array | null): void {
    this.asking = false;
    this.waited?.();
    // none after cancel(): an enqueue would throw on Bun, Deno and workerd
    if (chunk !== null) return this.controller?.enqueue(chunk);
    this.controller?.close();
    this.controller = undefined;
    this.sink.spent();
  }

  lost(): void {
    this.waited?.();
    const { controller } = this;
    this.controller = undefined;
    this.sink.spent();
    // not before the answer has begun: Bun would print the error with lines of our source
    setTimeout(() => {
      // bare: Deno prints a stream error's stack itself, and ours is in the log already
      controller?.error(new Error("the answer was broken off"));
    }, 0);
  }
}
