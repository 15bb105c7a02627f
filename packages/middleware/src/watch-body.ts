import type { Body, Chunk } from "@tsgi/core";

/** Told of each chunk, and of the end. */
export interface Watcher {
  chunk(chunk: Chunk): void;
  /** The body failed; a chunk that is given back is its last one, in place of the error. */
  failed(error: unknown): Chunk | undefined;
  end(): void;
}

type Sync = Iterator<Chunk>;

/**
 * The same body, with somebody who counts it and learns of its end. An array stays an array, so that its length is still
 * known, and what is synchronous stays so.
 */
export function watchBody(body: Body, watcher: Watcher): Body {
  if (typeof body !== "object" || body === null) {
    // no body at all: the gateway says so, and answers 500
    return body;
  }
  const close = (): unknown => {
    const closed = closeBody(body);
    if (typeof (closed as PromiseLike<unknown> | undefined)?.then !== "function") return void watcher.end();
    return Promise.resolve(closed).finally(() => watcher.end());
  };
  if (Array.isArray(body)) {
    for (const chunk of body as Chunk[])
      if (typeof chunk === "string" || chunk instanceof Uint8Array) watcher.chunk(chunk);
    return Object.assign([...(body as Chunk[])], { close });
  }
  const some = body as Partial<AsyncIterable<Chunk> & Iterable<Chunk>>;
  if (typeof some[Symbol.asyncIterator] === "function")
    return {
      [Symbol.asyncIterator]: () => watchAsync(some[Symbol.asyncIterator]?.() as AsyncIterator<Chunk>, watcher),
      close,
    };
  if (typeof some[Symbol.iterator] === "function")
    return { [Symbol.iterator]: () => watchSync(some[Symbol.iterator]?.() as Sync, watcher), close };
  return body;
}

function watchAsync(inner: AsyncIterator<Chunk>, watcher: Watcher): AsyncIterator<Chunk> {
  return {
    async next() {
      try {
        return seen(await inner.next(), watcher);
      } catch (error) {
        return last(watcher.failed(error), error);
      }
    },
    return: async (value?: unknown) => (await inner.return?.(value)) ?? { done: true, value: undefined },
  };
}

function watchSync(inner: Sync, watcher: Watcher): Sync {
  return {
    next() {
      try {
        return seen(inner.next(), watcher);
      } catch (error) {
        return last(watcher.failed(error), error);
      }
    },
    return: (value?: unknown) => inner.return?.(value) ?? { done: true, value: undefined },
  };
}

/** What has failed is over: an iterator that is asked again says so by itself. */
function last(chunk: Chunk | undefined, error: unknown): IteratorResult<Chunk> {
  if (chunk === undefined) throw error;
  return { done: false, value: chunk };
}

function seen(step: IteratorResult<Chunk>, watcher: Watcher): IteratorResult<Chunk> {
  if (step.done !== true) watcher.chunk(step.value);
  return step;
}

/** As the gateway does: `close()`, or the disposer of what has none and is no generator (a node:stream never read). */
function closeBody(body: Body): unknown {
  if (typeof body.close === "function") return body.close();
  const disposable = body as Partial<AsyncDisposable> & { next?: unknown };
  if (typeof disposable[Symbol.asyncDispose] === "function" && typeof disposable.next !== "function")
    return disposable[Symbol.asyncDispose]?.();
  return undefined;
}
