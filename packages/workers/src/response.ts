import type { Chunks, Head } from "@tsgi/core";
import { hasField, ResponseSink, streamOf, type FieldsInit } from "@tsgi/core/adapter";

/** workerd's own: a stream of a length that is known beforehand. */
declare const FixedLengthStream: new (length: number) => TransformStream<Uint8Array, Uint8Array>;

const NOT_ASCII = /[^\x00-\x7f]/;
const decoder = new TextDecoder("utf-8", { fatal: true });

function decode(text: string): string {
  try {
    return decoder.decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  } catch {
    return text;
  }
}

/** One answer of workerd. */
export class WorkerSink extends ResponseSink {
  /** Called when the client leaves in the middle of a stream; workerd says that before the request's signal aborts. */
  left: (() => void) | undefined = undefined;
  private readonly method: string;

  constructor(method: string) {
    super();
    this.method = method;
  }

  /** workerd drops the Content-Length of a stream, unless it is one that keeps to it. */
  override stream(head: Head, given: Chunks): void {
    const cancel = (): void => {
      this.left?.();
      given.cancel();
    };
    const chunks: Chunks = { next: () => given.next(), cancel };
    if (head.length < 0) return super.stream(head, chunks);
    const { readable, writable } = new FixedLengthStream(head.length);
    this.give(this.build(readable, head, null));
    // how it ends is in the log already, or the client has gone
    streamOf(chunks)
      .pipeTo(writable)
      .catch(() => {});
  }

  /** workerd writes fields as UTF-8: bytes that are UTF-8 arrive as they are, other latin-1 cannot (named in the kit). */
  protected override fieldsOf(head: Head): readonly string[] {
    return head.fields.some((text) => NOT_ASCII.test(text)) ? head.fields.map(decode) : head.fields;
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
