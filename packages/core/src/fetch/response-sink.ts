import type { Chunk } from "../contract.ts";
import { isPromise, toBytes } from "../body.ts";
import type { Chunks, Head, Sink } from "../sink.ts";

/** An answer as a native Response: what the Bun, Deno and Workers adapters and `toFetch` build on. */
export class ResponseSink implements Sink {
  /** The Response once there is one. */
  response: Response | undefined = undefined;
  private waiting: ((response: Response) => void) | undefined = undefined;

  /** The Response, now or as soon as the head may leave. */
  get result(): Response | Promise<Response> {
    return this.response ?? new Promise((resolve) => (this.waiting = resolve));
  }

  /** The runtime was given a promise of the Response. */
  protected get isAwaited(): boolean {
    return this.waiting !== undefined;
  }

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
    this.give(this.build(streamOf(chunks), head, null));
  }

  abort(): void {
    // nobody is left to read it
    this.give(new Response(null, { status: 503 }));
  }

  respond(response: Response): void {
    this.give(response);
  }

  protected give(response: Response): void {
    if (this.response !== undefined) return;
    this.response = response;
    this.waiting?.(response);
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

/** A stream that pulls: nothing is asked of the app before the client has room. */
export function streamOf(chunks: Chunks): ReadableStream<Uint8Array> {
  let to: ReadableStreamDefaultController<Uint8Array> | undefined;
  // made once, and not for each chunk; after cancel() an enqueue throws on Bun, Deno and workerd
  const give = (chunk: Uint8Array | null): void => {
    if (chunk !== null) return to?.enqueue(chunk);
    to?.close();
    to = undefined;
  };
  const lose = async (): Promise<void> => {
    const lost = to;
    to = undefined;
    // not before the answer has begun: Bun would print the error with lines of our source
    await new Promise((resolve) => setTimeout(resolve, 0));
    // bare: Deno prints a stream error's stack itself, and ours is in the log already
    lost?.error(new Error("the answer was broken off"));
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        to = controller;
      },
      pull() {
        try {
          const chunk = chunks.next();
          if (isPromise(chunk)) return (chunk as Promise<Uint8Array | null>).then(give, lose);
          give(chunk as Uint8Array | null);
        } catch {
          return lose();
        }
        return undefined;
      },
      cancel() {
        to = undefined;
        chunks.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}
