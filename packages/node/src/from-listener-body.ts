import type { Bytes } from "@tsgi/core";

type Step = IteratorResult<Bytes>;
type Callback = (error?: Error | null) => void;

/** How long a listener may go on with an answer that nobody takes, before its response closes. */
const GRACE = 1000;

/**
 * What a listener writes, as the body that the gateway pulls: one chunk is held, the next one is asked for when that one
 * is taken, so that a slow client stops the listener.
 */
export class ListenerBody implements AsyncIterable<Bytes>, AsyncIterator<Bytes> {
  /** Called when nobody takes the answer any more and the listener goes on all the same. */
  private readonly abandon: () => void;
  private held: { chunk: Bytes; taken: Callback } | undefined = undefined;
  private waiting: { resolve(step: Step): void; reject(error: unknown): void } | undefined = undefined;
  /** The listener has written its last. */
  private last: Callback | undefined = undefined;
  private ended = false;
  private failed: { error: unknown } | undefined = undefined;
  private closed = false;

  constructor(abandon: () => void) {
    this.abandon = abandon;
  }

  push(chunk: Bytes, taken: Callback): void {
    const { waiting } = this;
    if (this.closed) taken();
    else if (waiting === undefined) this.held = { chunk, taken };
    else {
      this.waiting = undefined;
      waiting.resolve({ done: false, value: chunk });
      taken();
    }
  }

  end(taken: Callback): void {
    const { waiting } = this;
    this.ended = true;
    this.waiting = undefined;
    if (waiting === undefined && !this.closed) this.last = taken;
    else {
      waiting?.resolve({ done: true, value: undefined });
      taken();
    }
  }

  /** The answer cannot go on: the gateway breaks the connection, so that it cannot pass for a whole one. */
  fail(error: unknown): void {
    if (this.ended) return;
    this.failed ??= { error };
    this.held = undefined;
    this.waiting?.reject(error);
    this.waiting = undefined;
  }

  next(): Promise<Step> {
    const { held, last } = this;
    if (this.failed !== undefined) return Promise.reject(this.failed.error);
    if (held !== undefined) {
      this.held = undefined;
      held.taken();
      return Promise.resolve({ done: false, value: held.chunk });
    }
    if (this.ended || this.closed) {
      this.last = undefined;
      last?.();
      return Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => (this.waiting = { resolve, reject }));
  }

  /**
   * The gateway, or a filter that answers otherwise, takes no more; for HEAD, 204 and 304 it took nothing. What is still
   * written is dropped as node:http drops it, so that a file that is piped comes to its end and is closed. An endless
   * answer is told by "close".
   */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    const { held, last } = this;
    this.held = this.last = undefined;
    this.waiting?.resolve({ done: true, value: undefined });
    this.waiting = undefined;
    held?.taken();
    last?.();
    if (this.ended || this.failed !== undefined) return;
    const timer: unknown = setTimeout(() => {
      if (!this.ended) this.abandon();
    }, GRACE);
    // a process that wants to end does not wait for it; a Worker's timer is a number
    (timer as { unref?: () => void }).unref?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
