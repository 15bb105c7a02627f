import type { OpenBody } from "./body.ts";
import type { Chunks, Puller } from "./sink.ts";

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
export class Stream implements Chunks, Puller {
  private readonly owner: StreamOwner;
  /** The declared Content-Length, -1 without one. */
  private readonly declared: number;
  private readonly limit: number;
  private body: OpenBody | undefined = undefined;
  /** A chunk of the body, or its end, that what was written goes ahead of. */
  private kept: Uint8Array | null | undefined = undefined;
  /** The body's next chunk is on its way: `pulled` or `lost` will be told. */
  private pending = false;
  private readonly written: Uint8Array[] = [];
  private size = 0;
  private count = 0;
  private over = false;
  private error: unknown = undefined;
  /** The sink, while it waits for a chunk. */
  private to: Puller | undefined = undefined;
  /** Those who wait for room. */
  private readonly room: (() => void)[] = [];

  /** @param limit bytes that may wait for the client before `push` asks its caller to wait */
  constructor(owner: StreamOwner, declared: number, limit: number) {
    this.owner = owner;
    this.declared = declared;
    this.limit = limit;
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

  /**
   * The app has returned its body: what was pulled from it already, or that it was pulled from, and the chunk will be told
   * to `pulled`.
   */
  follow(body: OpenBody, first?: Uint8Array | null, pending = false): void {
    this.body = body;
    this.kept = first;
    this.pending = pending;
    this.wake();
  }

  /** The app has failed: the sink meets the error behind what was written. */
  fail(error: unknown): void {
    this.error = error ?? new Error(String(error));
    this.wake();
  }

  /** The client has gone: whoever waits is told. */
  close(reason: unknown): void {
    this.end();
    this.error = reason;
    const { to } = this;
    this.to = undefined;
    to?.lost(reason);
  }

  pullTo(to: Puller): Uint8Array | null | undefined {
    try {
      const chunk = this.over ? null : this.poll();
      if (chunk !== undefined) return this.counted(chunk);
    } catch (error) {
      throw this.broken(error);
    }
    this.to = to;
    return undefined;
  }

  pulled(chunk: Uint8Array | null): void {
    this.pending = false;
    this.kept = chunk;
    this.wake();
  }

  lost(error: unknown): void {
    this.pending = false;
    this.fail(error);
  }

  cancel(): void {
    this.owner.leave();
  }

  private wake(): void {
    const { to } = this;
    if (to === undefined) return;
    this.to = undefined;
    let chunk: Uint8Array | null | undefined;
    try {
      chunk = this.pullTo(to);
    } catch (error) {
      return to.lost(error);
    }
    if (chunk !== undefined) to.pulled(chunk);
  }

  /** What is at hand, written first; `undefined` while nothing is. */
  private poll(): Uint8Array | null | undefined {
    if (this.written.length > 0) return this.take();
    if (this.error !== undefined) throw this.error;
    const chunk = this.pull();
    if (this.written.length === 0) return chunk;
    // the body wrote while it was pulled
    this.kept = chunk;
    return this.take();
  }

  private pull(): Uint8Array | null | undefined {
    const { kept } = this;
    this.kept = undefined;
    if (kept !== undefined || this.pending || this.body === undefined) return kept;
    const chunk = this.body.pullTo(this);
    this.pending = chunk === undefined;
    return chunk;
  }

  private take(): Uint8Array {
    const written = this.written.shift() as Uint8Array;
    this.size -= written.length;
    if (this.size <= this.limit) this.makeRoom();
    return written;
  }

  /** Nothing more is taken in: whoever waits for room is let go, and told so at the next write. */
  private end(): void {
    this.over = true;
    this.makeRoom();
  }

  private makeRoom(): void {
    for (const resolve of this.room.splice(0)) resolve();
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
      this.end();
      this.owner.ended();
      return null;
    }
    if (declared < 0 || this.count <= declared) return chunk;
    this.end();
    this.owner.cut(declared);
    const kept = chunk.subarray(0, chunk.length - (this.count - declared));
    return kept.length > 0 ? kept : null;
  }

  /** Tells the owner once; the sink gets a bare error, since Bun and Deno print its stack and the log has the real one. */
  private broken(error: unknown): Error {
    const broken = new Error("the answer was broken off");
    if (!this.over) {
      this.end();
      this.error = broken;
      this.owner.broken(error);
    }
    return broken;
  }
}
