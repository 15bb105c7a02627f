import { isPromise, type OpenBody } from "./body.ts";
import type { Chunks } from "./sink.ts";

type Pulled = Uint8Array | null | Promise<Uint8Array | null>;

/** Who a stream belongs to, and is told of its end. */
export interface StreamOwner {
  /** Everything came. */
  ended(): void;
  /** The declared length is reached and more came; the rest is not asked for. */
  cut(declared: number): void;
  /** The answer cannot go on. */
  broken(error: unknown): void;
  /** The client has gone. */
  leave(): void;
}

/** An answer of several chunks on its way to a sink: what was written first, then what the body gives, counted. */
export class Stream implements Chunks {
  private readonly owner: StreamOwner;
  /** The declared Content-Length, -1 without one. */
  private readonly declared: number;
  private readonly limit: number;
  private body: OpenBody | undefined;
  /** What the first pull gave, until the sink takes it. */
  private first: Pulled | undefined;
  private readonly written: Uint8Array[] = [];
  private size = 0;
  private count = 0;
  private over = false;
  private error: unknown = undefined;
  /** The sink waits for a chunk: resolved with one, rejected when the client goes. */
  private waiting: { resolve(chunk: Pulled): void; reject(error: unknown): void } | undefined = undefined;
  /** It waits because there is neither a written chunk nor one of the body. */
  private idle = false;
  private room: (() => void)[] = [];

  /** @param limit bytes that may wait for the client before `push` asks its caller to wait */
  constructor(owner: StreamOwner, declared: number, limit: number, body?: OpenBody, first?: Pulled) {
    this.owner = owner;
    this.declared = declared;
    this.limit = limit;
    this.body = body;
    this.first = first;
  }

  /** The app has written: the promise, when there is one, resolves when there is room again. */
  push(chunk: Uint8Array): void | Promise<void> {
    if (this.size > 10 * this.limit)
      throw new Error(`write: ${this.size} bytes wait for a slow client (limits.write); await what write returns`);
    this.written.push(chunk);
    this.size += chunk.length;
    this.wake();
    return this.size > this.limit ? new Promise((resolve) => this.room.push(resolve)) : undefined;
  }

  /** The app has returned its body; `first` is what was pulled from it already. */
  follow(body: OpenBody, first?: Pulled): void {
    this.body = body;
    this.keep(first);
    this.wake();
  }

  /** The app has failed: the sink meets the error behind what was written. */
  fail(error: unknown): void {
    this.error = error ?? new Error(String(error));
    this.wake();
  }

  /** The client has gone: whoever waits is told. */
  close(reason: unknown): void {
    this.over = true;
    this.error = reason;
    this.waiting?.reject(reason);
    for (const resolve of this.room.splice(0)) resolve();
  }

  next(): Pulled {
    let chunk: Pulled | undefined;
    try {
      chunk = this.poll();
      if (chunk !== undefined && !isPromise(chunk)) return this.counted(chunk);
    } catch (error) {
      throw this.broken(error);
    }
    return new Promise((resolve, reject) => {
      const waiting = (this.waiting = { resolve, reject });
      this.idle = true;
      if (chunk === undefined) return;
      // what the body writes before it gives this chunk goes ahead of it
      this.first = chunk as Promise<Uint8Array | null>;
      this.first.then(
        (value) => {
          if (this.waiting !== waiting) return;
          this.first = undefined;
          this.settle(() => this.counted(value));
        },
        (error) => {
          if (this.waiting === waiting) reject(this.broken(error));
        },
      );
    });
  }

  cancel(): void {
    this.owner.leave();
  }

  private wake(): void {
    if (this.idle) this.settle(() => this.next());
  }

  private settle(take: () => Pulled): void {
    const { waiting } = this;
    this.waiting = undefined;
    this.idle = false;
    try {
      waiting?.resolve(take());
    } catch (error) {
      waiting?.reject(this.broken(error));
    }
  }

  private poll(): Pulled | undefined {
    if (this.over) {
      if (this.error !== undefined) throw this.error;
      return null;
    }
    if (this.written.length > 0) return this.take();
    if (this.error !== undefined) throw this.error;
    const { first } = this;
    this.first = undefined;
    const pulled = first === undefined ? this.body?.pull() : first;
    if (this.written.length === 0) return pulled;
    // the body wrote while it was pulled
    this.keep(pulled);
    return this.take();
  }

  /** Keeps a pull for later; one that fails and is never asked for again is no unhandled rejection. */
  private keep(pulled: Pulled | undefined): void {
    this.first = pulled;
    if (isPromise(pulled)) (pulled as Promise<unknown>).then(undefined, () => {});
  }

  private take(): Uint8Array {
    const written = this.written.shift() as Uint8Array;
    this.size -= written.length;
    if (this.size <= this.limit) for (const resolve of this.room.splice(0)) resolve();
    return written;
  }

  /** Too many bytes for the declared length are cut, too few break the answer (RFC 9112 6.3). */
  private counted(chunk: Uint8Array | null): Uint8Array | null {
    if (this.over) {
      if (this.error !== undefined) throw this.error;
      return null;
    }
    const { declared } = this;
    this.count += chunk?.length ?? 0;
    if (chunk === null) {
      if (this.count < declared) throw new Error(`body: ${this.count} bytes came, Content-Length says ${declared}`);
      this.over = true;
      this.owner.ended();
      return null;
    }
    if (declared < 0 || this.count <= declared) return chunk;
    this.over = true;
    this.owner.cut(declared);
    const kept = chunk.subarray(0, chunk.length - (this.count - declared));
    return kept.length > 0 ? kept : null;
  }

  /** Tells the owner once; the sink gets a bare error, since Bun and Deno print its stack and the log has the real one. */
  private broken(error: unknown): Error {
    const broken = new Error("the answer was broken off");
    if (!this.over) {
      this.over = true;
      this.error = broken;
      this.owner.broken(error);
    }
    return broken;
  }
}
