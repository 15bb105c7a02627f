import type { Chunk, Chunks, Head } from "@tsgi/core";
import { hasField, ResponseSink, streamOf, type FieldsInit } from "@tsgi/core/adapter";
import type { KeepAlive } from "./keep-alive.ts";

/** workerd's own: a stream of a length that is known beforehand. */
declare const FixedLengthStream: new (length: number) => TransformStream<Uint8Array, Uint8Array>;

const NOT_ASCII = /[^\x00-\x7f]/;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A field's bytes as the text that workerd writes as these bytes. */
function asText(latin1: string): string {
  if (!NOT_ASCII.test(latin1)) return latin1;
  try {
    return decoder.decode(Uint8Array.from(latin1, (char) => char.charCodeAt(0)));
  } catch {
    return latin1;
  }
}

const COOKIE = "set-cookie";

/** One answer of workerd. */
export class WorkerSink extends ResponseSink {
  /** All is sent and cleaned up. */
  over = false;
  /** A stream has begun that is cancelled when its client leaves; one of a declared length is not, while it is silent. */
  cancels = false;
  /** Of an answer that takes its time. */
  alive: KeepAlive | undefined = undefined;
  private readonly method: string;

  constructor(method: string) {
    super();
    this.method = method;
  }

  override finished(): void {
    this.over = true;
    this.alive?.end();
  }

  /** workerd drops the Content-Length of a stream, unless it is one that keeps to it. */
  override stream(head: Head, given: Chunks): void {
    // workerd says so before the request's signal aborts
    const cancel = (): void => {
      this.alive?.leave();
      given.cancel();
    };
    const chunks: Chunks = { pullTo: (to) => given.pullTo(to), cancel };
    const stream = streamOf(chunks, true, () => {
      if (!this.over) this.alive?.hold();
    });
    this.cancels = head.length < 0;
    if (this.cancels) {
      this.alive?.settle();
      return this.give(this.build(stream, head, null));
    }
    const { readable, writable } = new FixedLengthStream(head.length);
    this.give(this.build(readable, head, null));
    // how it ends is in the log already, or the client has gone
    stream.pipeTo(writable).catch(() => {});
  }

  /** Cookies are appended: a list of pairs, which two of them would need, takes workerd twice as long. */
  protected override build(body: Chunk | ReadableStream<Uint8Array> | null, head: Head, chunk: Chunk | null): Response {
    if (!hasField(head, COOKIE)) return super.build(body, head, chunk);
    const cookies: string[] = [];
    const fields: string[] = [];
    for (let i = 0; i < head.fields.length; i += 2) {
      const name = head.fields[i];
      (name.toLowerCase() === COOKIE ? cookies : fields).push(name, head.fields[i + 1]);
    }
    const response = super.build(body, { ...head, fields }, chunk);
    for (let i = 0; i < cookies.length; i += 2) response.headers.append(cookies[i], asText(cookies[i + 1]));
    return response;
  }

  /** workerd writes fields as UTF-8: bytes that are UTF-8 arrive as they are, other latin-1 cannot (named in the kit). */
  protected override fieldsOf(head: Head): readonly string[] {
    return head.fields.map(asText);
  }

  /** What an app has encoded workerd would encode a second time. */
  protected override initOf(head: Head, headers: FieldsInit): ResponseInit {
    const init: ResponseInit & { encodeBody?: "manual" } = super.initOf(head, headers);
    if (hasField(head, "content-encoding")) init.encodeBody = "manual";
    return init;
  }

  /** workerd leaves the body of an answer to HEAD alone, neither read nor cancelled: what it holds would never be let go. */
  override respond(response: Response): void {
    if (this.method !== "HEAD" || response.body === null) return super.respond(response);
    response.body.cancel().catch(() => {});
    super.respond(new Response(null, response));
  }
}
