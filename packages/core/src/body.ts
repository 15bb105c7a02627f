import type { Body, Bytes, Chunk, Header } from "./contract.ts";
import { quote } from "./grammar.ts";
import type { Puller } from "./sink.ts";

// What an app may return, looked at in one place.

const encoder = new TextEncoder();
const { then } = Promise.prototype;

/** A body that is a native Response on its way through (`fromFetch`), and what can be done with it. */
export abstract class NativeBody implements AsyncIterable<Bytes> {
  /** The status line and header list that stand for the Response's own. */
  abstract readonly line: string;
  abstract readonly list: readonly Readonly<Header>[];
  /** Whether the Response has a body that is still to come. */
  abstract readonly streams: boolean;
  /** Whether the handler has read the body of its Request, reads it, or passes it on: then nobody else may. */
  abstract keeps(request: Request): boolean;
  /** The Response as it came. */
  abstract asItCame(): Response;
  /** The Response for a head: itself, when the head is still its own. */
  abstract answer(line: string, list: readonly Readonly<Header>[]): Response;
  /** The whole body when it is at hand without waiting, or within one turn of the event loop (`turn`); else `null`. */
  abstract atHand(turn: boolean): Chunk | Promise<Uint8Array | null>;
  abstract [Symbol.asyncIterator](): AsyncIterator<Bytes>;
}

export type ChunkIterator = Iterator<Chunk> | AsyncIterator<Chunk>;

/** Whether a value is a promise, of whatever realm. */
export function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | null | undefined)?.then === "function";
}

/**
 * A chunk as bytes.
 *
 * @throws TypeError naming the type, for what is neither text nor bytes
 */
export function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return encoder.encode(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(`body: a chunk is ${describe(chunk)}; a string or Uint8Array is wanted`);
}

/**
 * Checks that a value is a body.
 *
 * @throws TypeError for a bare string or bytes (they would iterate characters or numbers), nothing, or what does not iterate
 */
export function checkBody(body: unknown): asserts body is Body {
  if (typeof body === "string" || body instanceof Uint8Array || body instanceof ArrayBuffer)
    throw new TypeError(`body: the app returned ${describe(body)}; return an iterable of chunks: [text] or [bytes]`);
  const some = body as Partial<Iterable<Chunk> & AsyncIterable<Chunk>> | null | undefined;
  if (typeof some?.[Symbol.asyncIterator] !== "function" && typeof some?.[Symbol.iterator] !== "function")
    throw new TypeError(
      `body: the app returned ${describe(body)}; an iterable of chunks is wanted, [] for an empty body`,
    );
}

/** The iterator of a body; asynchronous where it has the choice. */
export function iterate(body: Body): ChunkIterator {
  const some = body as Partial<Iterable<Chunk> & AsyncIterable<Chunk>>;
  return some[Symbol.asyncIterator]?.() ?? (some[Symbol.iterator] as () => Iterator<Chunk>)();
}

/** Lets go of what a body holds: `close()`, or `[Symbol.asyncDispose]()` for a body without it (a node:stream never read). */
export function closeBody(body: Body): unknown {
  if (typeof body.close === "function") return body.close();
  const disposable = body as Partial<AsyncDisposable> & Partial<AsyncGenerator>;
  // a generator's asyncDispose is its return(), which has its own place in the clean-up
  if (typeof disposable[Symbol.asyncDispose] === "function" && typeof disposable.next !== "function")
    return disposable[Symbol.asyncDispose]?.();
  return undefined;
}

/** As `closeBody`, with what goes wrong reported; a promise while that takes its time. */
export function letGo(body: Body, log: { report(error: unknown): void }): void | Promise<void> {
  try {
    const closed = closeBody(body);
    if (isPromise(closed))
      // a thenable's own `then` may return nothing
      return Promise.resolve(closed).then(
        () => {},
        (error) => log.report(error),
      );
  } catch (error) {
    log.report(error);
  }
  return undefined;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `the string ${quote(value)}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  return `an object of ${quote((value as { constructor?: { name?: unknown } }).constructor?.name ?? "no class")}`;
}

/**
 * A body that is being read: one iterator, pulled from one chunk at a time, and cleaned up exactly once, whatever ends it.
 */
export class OpenBody {
  private readonly body: Body;
  private readonly log: { report(error: unknown): void };
  private iterator: ChunkIterator | undefined = undefined;
  /** A next() is outstanding: a return() would queue behind it, perhaps for ever. */
  private pulling = false;
  /** The iteration came to its end, or to an error of its own: there is nothing to return(). */
  private ended = false;
  private cleaned = false;
  /** The clean-up while it takes its time: whoever asks for it again waits for the same. */
  private cleaning: void | Promise<void> = undefined;
  private to: Puller | undefined = undefined;

  constructor(body: Body, log: { report(error: unknown): void }) {
    this.body = body;
    this.log = log;
  }

  /**
   * The next chunk that is not empty, `null` at the end, `undefined` when it comes later and `to` will be told.
   *
   * @throws what the iterator throws; TypeError for a chunk that is neither text nor bytes
   */
  pullTo(to: Puller): Uint8Array | null | undefined {
    const chunk = this.next();
    if (!(chunk instanceof Promise)) return chunk;
    this.to = to;
    // as `await` would: a `then` of the promise's own may call back at once, in the middle of this
    then.call(chunk, this.arrived, this.failed);
    return undefined;
  }

  private next(): Uint8Array | null | Promise<IteratorResult<Chunk>> {
    while (!this.ended) {
      const step = this.step();
      if (isPromise(step)) {
        this.pulling = true;
        // a thenable of a library's own may be no promise
        return Promise.resolve(step);
      }
      const chunk = this.chunkOf(step);
      if (chunk === null || chunk.length > 0) return chunk;
    }
    return null;
  }

  // made once a body, and not for each chunk
  private readonly arrived = (result: IteratorResult<Chunk>): void => {
    const to = this.to as Puller;
    this.pulling = false;
    try {
      // a chunk that arrives after the clean-up is dropped; behind an empty one the next is awaited, not a promise of it:
      // a body may have any number of them
      const chunk = this.chunkOf(result);
      const some = chunk === null || this.cleaned ? null : chunk.length > 0 ? chunk : this.pullTo(to);
      if (some !== undefined) to.pulled(some);
    } catch (error) {
      to.lost(error);
    }
  };

  private readonly failed = (error: unknown): void => {
    this.pulling = false;
    this.ended = true;
    this.to?.lost(error);
  };

  private step(): IteratorResult<Chunk> | PromiseLike<IteratorResult<Chunk>> {
    try {
      this.iterator ??= iterate(this.body);
      return this.iterator.next();
    } catch (error) {
      this.ended = true;
      throw error;
    }
  }

  private chunkOf(result: IteratorResult<Chunk>): Uint8Array | null {
    // any truthy value ends an iteration, as it does a for-of
    if (!result.done) return toBytes(result.value);
    this.ended = true;
    return null;
  }

  /**
   * `return()` unless the iteration ended by itself, then `close()`: once. What goes wrong is reported and does not stand
   * in the way of the answer.
   *
   * @param taken everything was taken out without iterating (an array): only `close()` is left
   */
  cleanUp(taken = false): void | Promise<void> {
    if (this.cleaned) return this.cleaning;
    this.cleaned = true;
    return (this.cleaning = this.end(taken));
  }

  private end(taken: boolean): void | Promise<void> {
    let settled: Promise<unknown> | undefined;
    if (!this.ended && !taken)
      try {
        this.iterator ??= iterate(this.body);
        const returned: unknown = this.iterator.return?.();
        if (isPromise(returned)) settled = Promise.resolve(returned).catch((error) => this.log.report(error));
      } catch (error) {
        this.log.report(error);
      }
    if (settled === undefined) return letGo(this.body, this.log);
    // not waited for while a next() is outstanding: an async generator answers it only after that
    return this.pulling ? letGo(this.body, this.log) : settled.then(() => letGo(this.body, this.log));
  }
}
