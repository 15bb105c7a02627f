import { closeBody, isPromise, NativeBody, type ChunkIterator } from "../body.ts";
import type { Body, Chunk } from "../contract.ts";
import { checkChunk, checkEnd } from "./chunk-rules.ts";
import { refuse, show } from "./error.ts";
import type { Exchange } from "./exchange.ts";
import { Life } from "./life.ts";

// What the app returns, watched while the server reads it.

/** Checks what the app returned and gives what the server reads. */
export function watchBody(given: unknown, exchange: Exchange): Body {
  /// A22. An application returns a body, if only an empty array: never `undefined`, `null` or `false`.
  if (given === undefined || given === null || given === false)
    refuse("A22", `the app returned ${show(given)}; an iterable of chunks is wanted, [] for an empty body`);
  const isText = typeof given === "string" || Object.prototype.toString.call(given) === "[object String]";
  /// A23. A body is not a bare string, which would iterate its characters, nor bytes, which would iterate numbers: it is
  /// an array with the one chunk in it.
  if (isText || ArrayBuffer.isView(given) || given instanceof ArrayBuffer)
    refuse("A23", `the app returned ${show(given)}; return it as a single-item array, [chunk]`);
  const body = given as Body & Partial<Iterable<Chunk> & AsyncIterable<Chunk>>;
  /// A24. A body is iterable: an array, a generator, a stream, anything with `[Symbol.iterator]()` or
  /// `[Symbol.asyncIterator]()`. It is read once, and where it has both, asynchronously.
  if (typeof body[Symbol.asyncIterator] !== "function" && typeof body[Symbol.iterator] !== "function")
    refuse("A24", `the app returned ${show(given)}; an iterable of chunks is wanted`);
  // a Response that goes out as it came: its chunks are none of ours
  if (body instanceof NativeBody) return body;
  try {
    return watch(body, exchange);
  } catch (error) {
    letGo(body);
    throw error;
  }
}

function watch(body: Body & Partial<AsyncIterable<Chunk>>, exchange: Exchange): Body {
  /// A25. A body that has `close` has it as a function: the server calls it once, without arguments, when it is done
  /// with the body, however that came about.
  if (body.close !== undefined && typeof body.close !== "function")
    refuse("A25", `body.close is ${show(body.close)}; a function is wanted, or no such attribute`);
  if (exchange.untyped !== undefined) throw exchange.untyped;
  // a copy, since the app may keep its own
  const listed = Array.isArray(body) ? [...(body as Chunk[])] : undefined;
  if (listed !== undefined) {
    for (const chunk of listed) checkChunk(chunk, exchange);
    checkEnd(exchange);
  }
  // from here on somebody has to close it
  const life = new Life(exchange.errors);
  const close = (): unknown => life.close(() => closeBody(body));
  if (listed !== undefined) return watchArray(listed, life, close);
  if (typeof body[Symbol.asyncIterator] === "function")
    return {
      [Symbol.asyncIterator]: () => watchIterator(iterate(body), exchange, life) as AsyncIterator<Chunk>,
      close,
    };
  return { [Symbol.iterator]: () => watchIterator(iterate(body), exchange, life) as Iterator<Chunk>, close };
}

/** The iterator of a body; asynchronous where it has the choice. */
function iterate(body: Partial<Iterable<Chunk> & AsyncIterable<Chunk>>): ChunkIterator {
  const iterator: unknown = (body[Symbol.asyncIterator] ?? (body[Symbol.iterator] as () => unknown)).call(body);
  if (typeof (iterator as Partial<ChunkIterator> | null | undefined)?.next !== "function")
    refuse("A24", `body: its iterator is ${show(iterator)}; an object with next() is wanted`);
  return iterator as ChunkIterator;
}

/** An array stays one, so that a single chunk keeps its Content-Length. */
function watchArray(copy: Chunk[], life: Life, close: () => unknown): Body {
  const pulls = (): Iterator<Chunk> => {
    const iterator = Array.prototype[Symbol.iterator].call(copy) as Iterator<Chunk>;
    return {
      next: () => {
        life.pull();
        return life.keep(iterator.next());
      },
      return: (value) => life.stop(() => ({ done: true, value })),
    };
  };
  return Object.defineProperties(copy, { close: { value: close }, [Symbol.iterator]: { value: pulls } });
}

function watchIterator(inner: ChunkIterator, exchange: Exchange, life: Life): ChunkIterator {
  const settle = (step: IteratorResult<Chunk>): IteratorResult<Chunk> => {
    exchange.pulling = false;
    try {
      if (typeof step !== "object" || step === null)
        refuse("A24", `body: next() gave ${show(step)}; an object { value, done } is wanted`);
      if (step.done) checkEnd(exchange);
      else checkChunk(step.value, exchange);
    } catch (error) {
      // the server takes an iterator that threw for one that has ended: what the app holds is let go of here
      letReturn(inner);
      throw life.fail(error);
    }
    return life.keep(step);
  };
  const lose = (error: unknown): never => {
    exchange.pulling = false;
    throw life.fail(error);
  };
  return {
    next: () => {
      life.pull();
      exchange.pulling = true;
      let step: IteratorResult<Chunk> | Promise<IteratorResult<Chunk>>;
      try {
        step = inner.next();
      } catch (error) {
        return lose(error);
      }
      // a thenable's own `then` may give nothing, and throws what is thrown in it where nobody is
      return isPromise(step) ? Promise.resolve(step).then(settle, lose) : settle(step);
    },
    return: (value?: unknown) => life.stop(() => inner.return?.(value) ?? { done: true, value }),
  } as ChunkIterator;
}

/** Lets go of a body that the server will never see. */
function letGo(body: Body): void {
  try {
    if (!Array.isArray(body)) letReturn(iterate(body));
  } catch {
    // what was wrong with it is said already
  }
  try {
    quietly(closeBody(body));
  } catch {
    // what was wrong with it is said already
  }
}

function letReturn(iterator: ChunkIterator): void {
  try {
    quietly(iterator.return?.());
  } catch {
    // what was wrong with it is said already
  }
}

function quietly(result: unknown): void {
  if (isPromise(result)) (result as PromiseLike<unknown>).then(undefined, () => {});
}
