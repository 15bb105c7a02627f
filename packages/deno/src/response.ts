import { ResponseSink } from "@tsgi/core/adapter";

/** One answer through Deno.serve. */
export class DenoSink extends ResponseSink {
  /** Deno says `Content-Length: 0` of an answer to HEAD without a body, which is not what GET would say (RFC 9110 8.6). */
  protected override unread(): ReadableStream<Uint8Array> {
    return new ReadableStream();
  }

  protected override get showsReason(): boolean {
    return false;
  }
}
