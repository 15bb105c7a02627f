import type { Chunk, Chunks, Head } from "@tsgi/core";
import { hasField, ResponseSink } from "@tsgi/core/adapter";
import type { BunServer } from "./bun.ts";

/** One answer through Bun.serve. */
export class BunSink extends ResponseSink {
  private readonly request: Request;
  private readonly server: BunServer;

  constructor(request: Request, server: BunServer) {
    super();
    this.request = request;
    this.server = server;
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
