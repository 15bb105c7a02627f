import type { Chunk } from "../contract.ts";
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
    if (typeof chunk !== "string" || hasField(head, "content-type")) return chunk;
    return encoder.encode(chunk);
  }

  protected build(body: Chunk | ReadableStream<Uint8Array> | null, head: Head, chunk: Chunk | null): Response {
    const status = head.code;
    const headers = headersOf(head, chunk);
    return new Response(
      body as BodyInit | null,
      this.showsReason ? { status, statusText: head.reason, headers } : { status, headers },
    );
  }

  /** Whether the reason phrase reaches anybody; where the runtime sends its own it costs 120 ns for nothing (Deno). */
  protected get showsReason(): boolean {
    return true;
  }
}

const encoder = new TextEncoder();

/** Whether a head has a field of this lower-case name. */
export function hasField(head: Head, name: string): boolean {
  for (let i = 0; i < head.fields.length; i += 2)
    if (head.fields[i].length === name.length && head.fields[i].toLowerCase() === name) return true;
  return false;
}

/** An object is the fastest way in (Deno 0.91 to 0.97, Bun 0.93 to 0.97 of bare); a repeated name needs pairs. */
function headersOf(head: Head, chunk: Chunk | null): Record<string, string> | [string, string][] {
  const { fields } = head;
  const said = head.length >= 0 && (chunk === null || head.bodiless);
  const record: Record<string, string> = said ? { "content-length": String(head.length) } : {};
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i].toLowerCase();
    if (record[name] !== undefined) return pairsOf(fields, record["content-length"]);
    record[name] = fields[i + 1];
  }
  return record;
}

function pairsOf(fields: readonly string[], length: string | undefined): [string, string][] {
  const pairs: [string, string][] = length === undefined ? [] : [["content-length", length]];
  for (let i = 0; i < fields.length; i += 2) pairs.push([fields[i], fields[i + 1]]);
  return pairs;
}

/** A stream that pulls: nothing is asked of the app before the client has room. */
export function streamOf(chunks: Chunks): ReadableStream<Uint8Array> {
  let over = false;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const give = (chunk: Uint8Array | null): void => {
          if (over) return; // after cancel() an enqueue throws on Bun, Deno and workerd
          if (chunk === null) {
            over = true;
            controller.close();
          } else controller.enqueue(chunk);
        };
        const lose = async (): Promise<void> => {
          if (over) return;
          over = true;
          // not before the answer has begun: Bun would print the error with lines of our source
          await new Promise((resolve) => setTimeout(resolve, 0));
          // bare: Deno prints a stream error's stack itself, and ours is in the log already
          controller.error(new Error("the answer was broken off"));
        };
        try {
          const chunk = chunks.next();
          if (chunk === null || chunk instanceof Uint8Array) give(chunk);
          else return chunk.then(give, lose);
        } catch {
          return lose();
        }
        return undefined;
      },
      cancel() {
        over = true;
        chunks.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}
