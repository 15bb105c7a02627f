import type { Chunk, Chunks, Head } from "@tsgi/core";
import { hasField, ResponseSink } from "@tsgi/core/adapter";
import type { BunServer } from "./bun.ts";

/** One answer through Bun.serve. */
export class BunSink extends ResponseSink {
  private readonly request: Request;
  private readonly server: BunServer;
  private readonly state: { readonly closing: boolean };
  /** The connection serves no further request. */
  private last = false;

  constructor(request: Request, server: BunServer, state: { readonly closing: boolean }) {
    super();
    this.request = request;
    this.server = server;
    this.state = state;
  }

  /**
   * The app takes its time: Bun would end the connection after 10 s on which nothing moves (oven-sh/bun#27479). While a
   * body may still be coming a client that sends nothing is given the longest time that there is.
   */
  wait(): void {
    this.server.timeout(this.request, this.request.body === null ? 0 : 255);
  }

  /** With a body still to come Bun keeps the connection and takes that in: a reset would lose the answer. */
  override send(head: Head, chunk: Chunk | null): void {
    this.last = head.close && this.request.body === null;
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

  /** A stream may be silent for longer than Bun's idle timeout of 10 s (oven-sh/bun#27479). */
  override stream(head: Head, chunks: Chunks): void {
    this.server.timeout(this.request, 0);
    super.stream(head, chunks);
  }

  /** Bun says `Content-Length: 0` of an answer to HEAD without a body, which is not what GET would say (RFC 9110 8.6). */
  protected override unread(): ReadableStream<Uint8Array> {
    return new ReadableStream();
  }

  /** Bun gives bytes without a Content-Type one of its own (`application/octet-stream`); a stream it leaves alone. */
  protected override bodyOf(head: Head, chunk: Chunk): Chunk | ReadableStream<Uint8Array> {
    const body = super.bodyOf(head, chunk) as Chunk;
    if (body.length === 0 || hasField(head, "content-type")) return body;
    return new ReadableStream({
      start(controller) {
        controller.enqueue(body as Uint8Array);
        controller.close();
      },
    });
  }

  protected override get showsReason(): boolean {
    return false;
  }
}
