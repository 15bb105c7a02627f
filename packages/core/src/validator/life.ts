import type { ErrorLog } from "../contract.ts";
import { refuse } from "./error.ts";

/** How a body is read and let go of, in which order and how often: the server's half of a body's life. */
export class Life {
  private closed = false;
  private pulling = false;
  private begun = false;
  private ended = false;
  private returned = false;

  constructor(errors: ErrorLog) {
    bury(this, errors);
  }

  /** The next chunk is asked for. */
  pull(): void {
    /// S24. A body is not read after it was closed.
    if (this.closed) refuse("S24", "body: next() was called after close(); a closed body is not read");
    /// F2. One pull leads to one chunk: `next()` is not called again while an earlier one is pending. A filter asks for a
    /// chunk when it is asked for one, so that a slow client slows the application down.
    if (this.pulling) refuse("F2", "body: next() was called while an earlier next() was pending; await that first");
    this.pulling = true;
    this.begun = true;
  }

  /** A pull came to its end with a chunk or the end of the body. */
  keep<Step extends IteratorResult<unknown>>(step: Step): Step {
    this.pulling = false;
    if (step.done) this.ended = true;
    return step;
  }

  /** A pull came to its end with an error, which ends an iteration. */
  fail(error: unknown): unknown {
    this.pulling = false;
    this.ended = true;
    return error;
  }

  /** The reader stops early. */
  stop<Result>(stop: () => Result): Result {
    this.returned = true;
    return stop();
  }

  close(close: () => unknown): unknown {
    /// S25. A body that has `close()` is closed exactly once: at its end, after an error, for HEAD, 204 and 304, when
    /// the client has gone, and when it is not read at all.
    if (this.closed) refuse("S25", "body: close() was called twice; once is wanted");
    this.closed = true;
    bodies?.unregister(this);
    const result = close();
    /// S26. An iteration that was begun and has neither ended nor failed is left by `return()` before `close()`, so that
    /// a generator's `finally` runs; only a pending `next()` is not waited for.
    if (this.begun && !this.ended && !this.returned)
      refuse("S26", "body: close() was called in the middle of the iteration; return() on the iterator comes first");
    return result;
  }
}

let bodies: FinalizationRegistry<ErrorLog> | undefined;

/** Reports a body that nobody can close any more. */
function bury(life: Life, errors: ErrorLog): void {
  if (typeof FinalizationRegistry === "undefined") return;
  bodies ??= new FinalizationRegistry((log) => {
    try {
      /// F3. Whoever takes a body out of an application gives it on or closes it: the server, and each filter on the way.
      /// One that was dropped is found when the garbage collector comes by, and said in `tsgi.errors`.
      log.write("tsgi validator: a body was dropped without close(); close it once (SPEC.md, rule F3)\n");
    } catch {
      // a broken log must not break anything
    }
  });
  bodies.register(life, errors, life);
}
