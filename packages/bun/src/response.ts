import type { Chunks, Head } from "@tsgi/core";
import { ResponseSink } from "@tsgi/core/adapter";
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
}
