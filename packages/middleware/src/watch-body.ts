import type { Body, Chunk } from "@tsgi/core";
import { closeBody, isPromise } from "@tsgi/core/adapter";

/** Told of each chunk, and of the end. */
export interface Watcher {
  chunk(chunk: Chunk): void;
  /** The body failed; a chunk that is given back is its last one, in place of the error. */
  failed(error: unknown): Chunk | undefined;
  /** It is no body, or has a chunk that is none: the gateway will say so, and answer 500 while it can. */
  refused(): void;
  end(): void;
}

/**
 * The same body, with somebody who counts it and learns of its end. An array stays an array, so that its length is still
 * known, and what is synchronous stays so.
 */
export function watchBody(body: Body, watcher: Watcher): Body {
  const close = (): unknown => {
    try {
      const closed = closeBody(body);
      if (isPromise(closed)) return Promise.resolve(closed).finally(() => watcher.end());
    } catch (error) {
      watcher.end();
      throw error;
    }
    return void watcher.end();
  };
  if (Array.isArray(body)) {
    for (const chunk of body as Chunk[]) tell(watcher, chunk);
    return Object.assign([...(body as Chunk[])], { close });
  }
  const some = body as Partial<AsyncIterable<Chunk> & Iterable<Chunk>> | null | undefined;
  // text and bytes would iterate, into characters and numbers
  if (!isChunk(body)) {
    if (typeof some?.[Symbol.asyncIterator] === "function")
      return { [Symbol.asyncIterator]: () => watchAsync(some as AsyncIterable<Chunk>, watcher), close };
    if (typeof some?.[Symbol.iterator] === "function")
      return { [Symbol.iterator]: () => watchSync(some as Iterable<Chunk>, watcher), close };
  }
  watcher.refused();
  return body;
}

const OVER = { done: true, value: undefined } as const;

// What has failed is over: whatever it would give when it is asked again, it must not stand behind the last chunk. The
// iterator is made when it is asked first, since that may fail too: a ReadableStream that somebody else reads is locked.

function watchAsync(body: AsyncIterable<Chunk>, watcher: Watcher): AsyncIterator<Chunk> {
  let inner: AsyncIterator<Chunk> | undefined;
  let over = false;
  return {
    async next() {
      if (over) return OVER;
      try {
        return seen(await (inner ??= body[Symbol.asyncIterator]()).next(), watcher);
      } catch (error) {
        over = true;
        return last(watcher.failed(error), error);
      }
    },
    async return(value?: unknown) {
      if (over) return OVER;
      return (await (inner ??= body[Symbol.asyncIterator]()).return?.(value)) ?? OVER;
    },
  };
}

function watchSync(body: Iterable<Chunk>, watcher: Watcher): Iterator<Chunk> {
  let inner: Iterator<Chunk> | undefined;
  let over = false;
  return {
    next() {
      if (over) return OVER;
      try {
        return seen((inner ??= body[Symbol.iterator]()).next(), watcher);
      } catch (error) {
        over = true;
        return last(watcher.failed(error), error);
      }
    },
    return(value?: unknown) {
      if (over) return OVER;
      return (inner ??= body[Symbol.iterator]()).return?.(value) ?? OVER;
    },
  };
}

function last(chunk: Chunk | undefined, error: unknown): IteratorResult<Chunk> {
  if (chunk === undefined) throw error;
  return { done: false, value: chunk };
}

function seen(step: IteratorResult<Chunk>, watcher: Watcher): IteratorResult<Chunk> {
  // any truthy value ends an iteration, as it does a for-of
  if (!step.done) tell(watcher, step.value);
  return step;
}

function tell(watcher: Watcher, chunk: unknown): void {
  if (isChunk(chunk)) watcher.chunk(chunk);
  else watcher.refused();
}

function isChunk(value: unknown): value is Chunk {
  return typeof value === "string" || value instanceof Uint8Array;
}
