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

const isCookie = (name: string): boolean => name.length === 10 && name.toLowerCase() === "set-cookie";

/** One answer of workerd. */
export class WorkerSink extends ResponseSink {
  /** Of an answer that takes its time. */
  alive: KeepAlive | undefined = undefined;
  private readonly method: string;

  constructor(method: string) {
    super();
    this.method = method;
  }

  override finished(): void {
    super.finished();
    this.alive?.end();
  }

  override taken(): void {
    super.taken();
    this.alive?.taken();
  }

  /** workerd says so before the request's signal aborts. */
  override left(): void {
    this.alive?.leave();
  }

  override spent(): void {
    this.alive?.hold();
  }

  /** workerd drops the Content-Length of a stream, unless it is one that keeps to it. */
  override stream(head: Head, chunks: Chunks): void {
    const stream = streamOf(chunks, this, true);
    if (head.length < 0) return this.give(this.build(stream, head, null));
    const { readable, writable } = new FixedLengthStream(head.length);
    this.give(this.build(readable, head, null));
    // how it ends is in the log already, or the client has gone
    stream.pipeTo(writable).catch(() => {});
  }

  /** Cookies are appended: a list of pairs, which two of them would need, takes workerd twice as long. */
  protected override build(body: Chunk | ReadableStream<Uint8Array> | null, head: Head, chunk: Chunk | null): Response {
    const response = super.build(body, head, chunk);
    const { fields } = head;
    for (let i = 0; i < fields.length; i += 2)
      if (isCookie(fields[i])) response.headers.append(fields[i], asText(fields[i + 1]));
    return response;
  }

  /** workerd writes fields as UTF-8: bytes that are UTF-8 arrive as they are, other latin-1 cannot (named in the kit). */
  protected override fieldsOf(head: Head): readonly string[] {
    const fields: string[] = [];
    for (let i = 0; i < head.fields.length; i += 2)
      if (!isCookie(head.fields[i])) fields.push(head.fields[i], asText(head.fields[i + 1]));
    return fields;
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
