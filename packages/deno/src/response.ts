import type { Chunk, Head } from "@tsgi/core";
import { markSent, ResponseSink } from "@tsgi/core/adapter";

/** One answer through Deno.serve. */
export class DenoSink extends ResponseSink {
  private readonly state: { readonly closing: boolean };
  /** The connection serves no further request. */
  private last = false;

  constructor(state: { readonly closing: boolean }) {
    super();
    this.state = state;
  }

  /** Deno says so and leaves it to the client: it closes no connection for a field that an answer brings. */
  override send(head: Head, chunk: Chunk | null): void {
    this.last = head.close;
    super.send(head, chunk);
  }

  /** A server that closes says so, and no client sends another request into a connection that is about to end. */
  protected override give(response: Response): void {
    if (this.state.closing || this.last)
      try {
        response.headers.set("Connection", "close");
      } catch {
        // a Response from fetch() or Response.redirect() is immutable
      }
    super.give(response);
  }

  /** Deno ends the process over a Response that it is given twice: `fromFetch` has to know it again. */
  override respond(response: Response): void {
    markSent(response);
    super.respond(response);
  }

  /** Deno says `Content-Length: 0` of an answer to HEAD without a body, which is not what GET would say (RFC 9110 8.6). */
  protected override unread(): ReadableStream<Uint8Array> {
    return new ReadableStream();
  }

  protected override get showsReason(): boolean {
    return false;
  }
}
