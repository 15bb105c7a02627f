import type { ServerResponse } from "node:http";
import type { Chunks, Puller } from "@tsgi/core";

/**
 * Bytes written before other connections get their turn, however fast this client reads, and whether the app awaits each
 * chunk: what is at hand comes without a turn of the event loop.
 */
const FAIR = 1024 * 1024;

/** Whose answer is pumped. */
export interface PumpOwner {
  /** Everything was written. */
  pumped(): void;
  /** The answer has to be broken off. */
  abort(): void;
}

/** Writes what an answer gives, one chunk at a time, as fast as its client takes it. No promise is made for a chunk. */
export class Pump implements Puller {
  private readonly res: ServerResponse;
  private readonly chunks: Chunks;
  private readonly owner: PumpOwner;
  /** What a host such as compression holds back until it is asked. */
  private readonly flush: (() => void) | undefined;
  private silent: NodeJS.Immediate | undefined = undefined;
  private written = false;
  private sinceTurn = 0;
  /** The client has yet to take what was written; `undefined` until that happens first. */
  private waiting: boolean | undefined = undefined;

  constructor(res: ServerResponse, chunks: Chunks, owner: PumpOwner, flush: (() => void) | undefined) {
    this.res = res;
    this.chunks = chunks;
    this.owner = owner;
    this.flush = flush;
  }

  run(): void {
    try {
      for (;;) {
        const chunk = this.chunks.pullTo(this);
        if (chunk === undefined) return this.later();
        if (!this.write(chunk)) return;
      }
    } catch {
      this.owner.abort();
    }
  }

  pulled(chunk: Uint8Array | null): void {
    clearImmediate(this.silent);
    try {
      if (!this.write(chunk)) return;
    } catch {
      return this.owner.abort();
    }
    this.run();
  }

  lost(): void {
    clearImmediate(this.silent);
    this.owner.abort();
  }

  /** Nothing is at hand: what there is leaves. */
  private later(): void {
    const { res, flush } = this;
    if (!this.written) res.flushHeaders();
    // not at once: flushed after each small chunk nothing would come out compressed
    else if (flush !== undefined) this.silent = setImmediate(() => flush.call(res));
  }

  /** Whether the next chunk may be asked for at once. */
  private write(chunk: Uint8Array | null): boolean {
    if (chunk === null) {
      this.owner.pumped();
      return false;
    }
    this.written = true;
    this.sinceTurn += chunk.length;
    if (this.res.write(chunk)) return this.hasTurn();
    this.wait();
    return false;
  }

  /** Whether others need not be let in yet: a client on loopback is always ready, and would keep the process to itself. */
  private hasTurn(): boolean {
    if (this.sinceTurn <= FAIR) return true;
    this.sinceTurn = 0;
    setImmediate(() => this.run());
    return false;
  }

  /** For the client to take what was written. One listener for a whole answer: compression never takes one off again. */
  private wait(): void {
    if (this.isGone) throw new Error("the connection closed");
    if (this.waiting === undefined) {
      const onRoom = (): void => {
        if (this.waiting !== true) return;
        this.waiting = false;
        if (this.isGone) this.owner.abort();
        else if (this.hasTurn()) this.run();
      };
      this.res.on("drain", onRoom);
      this.res.on("close", onRoom);
    }
    this.waiting = true;
  }

  private get isGone(): boolean {
    const { res } = this;
    return res.destroyed || (res as { stream?: { destroyed: boolean } }).stream?.destroyed === true;
  }
}
