import type { WorkerContext, WorkerSource } from "./request.ts";
import type { WorkerSink } from "./response.ts";

/** Milliseconds that an answer may take before its client is listened for: half of a small answer's cost in workerd. */
const PATIENCE = 10;

/** Milliseconds that an app has for its own clean-up once the client has left. */
const GRACE = 5000;

/**
 * An answer that is under way. workerd stops all JavaScript when the client leaves, clean-up included, unless something
 * is waited for; and what waits for neither a timer nor a connection it takes for hung. Once somebody listens for the
 * client a stream is no longer waited for: that costs 2.7 KiB a connection.
 */
export class KeepAlive {
  private readonly ctx: WorkerContext;
  private timer: ReturnType<typeof setTimeout>;
  private listens = false;
  private release: (() => void) | undefined = undefined;
  private over = false;

  constructor(ctx: WorkerContext, source: WorkerSource, sink: WorkerSink) {
    this.ctx = ctx;
    this.timer = setTimeout(() => {
      this.timer = setInterval(() => {}, 60_000);
      source.listen(() => this.leave());
      this.listens = true;
      if (sink.isTaken) this.letGo();
    }, PATIENCE);
    this.hold();
  }

  /** Waited for until the end: the app is at work, or at its clean-up behind a stream that has ended. */
  hold(): void {
    if (this.over || this.release !== undefined) return;
    this.ctx.waitUntil(new Promise<void>((resolve) => (this.release = resolve)));
  }

  /** workerd has taken the stream: its connection keeps it alive. */
  taken(): void {
    if (this.listens) this.letGo();
  }

  private letGo(): void {
    this.release?.();
    this.release = undefined;
  }

  /** All is sent and cleaned up: who leaves after that leaves nothing to wait for. */
  end(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.letGo();
  }

  /** The client has gone. */
  leave(): void {
    if (this.over) return;
    this.end();
    this.ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, GRACE)));
  }
}
