import { checkBody, closeBody, isPromise, iterate, nativeOf, toBytes, type ChunkIterator } from "./body.ts";
import { checkRequest } from "./check-request.ts";
import type { App, Body, Chunk, Header, Write } from "./contract.ts";
import { makeEnviron } from "./environ.ts";
import { quote } from "./grammar.ts";
import { Incoming } from "./incoming.ts";
import { InputError } from "./input.ts";
import { reportError } from "./report.ts";
import type { Chunks, Head, Sink } from "./sink.ts";
import type { Refusal, Source } from "./source.ts";
import { checkHead, type CheckedHead } from "./start-response.ts";

/**
 * Serves one request: builds the environ from `source`, calls the app, and sends what it answers through `sink`. The one
 * response machine that every adapter calls.
 *
 * @returns nothing when the answer was handed over whole, else a promise that resolves when all is sent and cleaned up.
 *   Never throws, never rejects: an app's error is answered and goes to `tsgi.errors`.
 * @example createServer((req, res) => void handle(app, new NodeSource(req), new NodeSink(res)));
 */
export function handle(app: App, source: Source, sink: Sink): void | Promise<void> {
  return new Exchange(new Incoming(source), sink).run(app);
}

/** Nothing has left yet; the head is out; nothing more will be sent. */
const HELD = 0;
const SENT = 1;
const DONE = 2;

const CLIENT_GONE = "the client left before the answer was whole";

class Exchange implements Chunks {
  private readonly incoming: Incoming;
  private readonly sink: Sink;
  private state: typeof HELD | typeof SENT | typeof DONE = HELD;
  private called = false;
  private head: CheckedHead | null = null;
  /** Why startResponse and write are refused, once they are. */
  private over: unknown = undefined;
  private watching = false;

  private body: Body | null = null;
  private iterator: ChunkIterator | null = null;
  /** A next() of the app's iterator is outstanding: its return() would queue behind it. */
  private pulling = false;
  /** The iteration came to its own end, or to an error of its own: there is nothing to return(). */
  private ended = false;
  private cleaned = false;
  private timer: ReturnType<typeof setTimeout> | undefined = undefined;
  /** A first pull is pending: once the head is known too, it leaves after one turn of the event loop. */
  private impatient = false;

  /** What the first pull gave, until the sink takes it. */
  private first: Uint8Array | null | Promise<Uint8Array | null> | undefined = undefined;
  private written: Uint8Array[] | null = null;
  private writtenSize = 0;
  private room: (() => void) | undefined = undefined;
  /** A sink waits for a chunk and the app has not returned its body: what to call when there is something. */
  private more: (() => void) | undefined = undefined;
  /** How to end a wait of the sink when the client goes. */
  private breakOff: ((reason: unknown) => void) | undefined = undefined;
  private count = 0;
  /** What the client still sends is more than we take in: the connection serves no further request. */
  private closing = false;

  private finished: (() => void) | undefined = undefined;

  constructor(incoming: Incoming, sink: Sink) {
    this.incoming = incoming;
    this.sink = sink;
    incoming.watch = this.watch;
  }

  run(app: App): void | Promise<void> {
    const refusal = checkRequest(this.incoming.source);
    if (refusal !== undefined) return this.refuse(refusal);
    let body: Body | Promise<Body>;
    try {
      body = app(makeEnviron(this.incoming), this.start);
    } catch (error) {
      return this.wait(this.fail(error));
    }
    if (isPromise(body)) {
      this.watch();
      return (body as Promise<Body>).then(
        (value) => this.wait(this.take(value)),
        (error) => this.wait(this.fail(error)),
      );
    }
    return this.wait(this.take(body));
  }

  /** `handle` is over when the exchange is done and the last clean-up has run. */
  private wait(step: void | Promise<void>): void | Promise<void> {
    if (step !== undefined) return step.then(() => this.wait(undefined));
    return this.state === DONE ? undefined : new Promise<void>((resolve) => (this.finished = resolve));
  }

  private finish(): void {
    this.state = DONE;
    clearTimeout(this.timer);
    this.finished?.();
  }

  // ---- startResponse and write -------------------------------------------------------------------------------------

  private readonly start = (line: string, list: readonly Readonly<Header>[], error?: unknown): Write => {
    if (this.over !== undefined) throw this.over;
    const replaces = error !== undefined && error !== null;
    if (this.called && !replaces)
      throw new Error("startResponse was called twice; a second call needs an error as its third argument");
    if (this.state !== HELD) throw error;
    this.called = true;
    this.head = checkHead(line, list);
    if (this.impatient) this.arm();
    return this.write;
  };

  private readonly write: Write = (chunk: Chunk): void | Promise<void> => {
    if (this.over !== undefined) throw this.over;
    if (this.state === DONE) throw new Error("write was called after the answer was whole");
    const bytes = toBytes(chunk);
    if (bytes.length === 0 || this.isBodiless(this.head as CheckedHead)) return undefined;
    const limit = this.incoming.source.limits.write;
    if (this.writtenSize > 10 * limit)
      throw new Error(
        `write: ${this.writtenSize} bytes wait for a slow client (limits.write); await what write returns`,
      );
    (this.written ??= []).push(bytes);
    this.writtenSize += bytes.length;
    if (this.state === HELD) this.open(undefined);
    else this.more?.();
    if (this.writtenSize <= limit) return undefined;
    return new Promise((resolve) => {
      const before = this.room;
      this.room = () => {
        before?.();
        resolve();
      };
    });
  };

  // ---- the body ----------------------------------------------------------------------------------------------------

  /** The app has returned. */
  private take(body: Body): void | Promise<void> {
    try {
      checkBody(body);
    } catch (error) {
      return this.fail(error);
    }
    this.body = body;
    if (this.over !== undefined) return this.settle(this.cleanUp());
    if (this.state === SENT) return this.follow();
    const head = this.head;
    const native = nativeOf(body);
    if (head !== null) {
      // while somebody holds the signal the answer is watched to its end, and so does not leave our hands
      if (native !== undefined && this.sink.respond !== undefined && !(this.incoming.hasSignal && native.streams))
        return this.respond(native.answer(head.line, head.list));
      // a head that admits no body leaves at once, and the iteration is never started
      if (!Array.isArray(body) && this.isBodiless(head)) return this.settle(this.sendWhole(null, head.length));
    }
    if (Array.isArray(body) && body.length <= 1) return this.takeOne(body as Chunk[]);
    if (native !== undefined)
      return native.atHand().then((chunk) => (chunk === null ? this.begin() : this.takeOne([chunk])));
    return this.begin();
  }

  /** One chunk in an array, or none: the length is known. */
  private takeOne(chunks: readonly Chunk[]): void | Promise<void> {
    if (this.over !== undefined) return this.settle(this.cleanUp());
    const head = this.head;
    if (head === null) return this.fail(new Error(NEVER_CALLED));
    let chunk = chunks.length === 0 ? "" : chunks[0];
    try {
      if (typeof chunk !== "string" || head.length >= 0) chunk = toBytes(chunk);
    } catch (error) {
      return this.fail(error);
    }
    // a declared length that does not hold takes the long way, where bytes are counted
    if (head.length >= 0 && head.length !== chunk.length && !this.isBodiless(head)) return this.begin();
    this.ended = true;
    return this.settle(this.sendWhole(chunk, head.length));
  }

  /** The app wrote before it returned: the stream that began goes on with the body. */
  private follow(): void {
    try {
      this.iterator = iterate(this.body as Body);
    } catch (error) {
      this.failLater(error);
    }
    this.more?.();
  }

  /** Pulls until the head may leave: at the first non-empty chunk, at the end, or after a turn of waiting. */
  private begin(): void | Promise<void> {
    let first: Uint8Array | null | Promise<Uint8Array | null>;
    try {
      this.iterator = iterate(this.body as Body);
      first = this.pull();
    } catch (error) {
      return this.fail(error);
    }
    if (!isPromise(first)) return this.open(first);
    this.watch();
    this.impatient = true;
    this.first = first;
    if (this.head !== null) this.arm();
    return first.then(
      (chunk) => this.arrive(chunk),
      (error) => (this.state === HELD ? this.fail(error) : undefined),
    );
  }

  private arm(): void {
    this.timer ??= setTimeout(() => {
      if (this.state === HELD && this.head !== null && this.over === undefined) this.open(this.first);
    }, 0);
  }

  private arrive(chunk: Uint8Array | null): void | Promise<void> {
    if (this.state === HELD && this.over === undefined) return this.open(chunk);
    return undefined;
  }

  /** The head leaves, with the first chunk, with the end (`null`), or ahead of what is still pending. */
  private open(first: Uint8Array | null | undefined | Promise<Uint8Array | null>): void | Promise<void> {
    this.impatient = false;
    clearTimeout(this.timer);
    const head = this.head;
    if (head === null) return this.fail(new Error(NEVER_CALLED));
    if (this.isBodiless(head)) return this.settle(this.sendWhole(null, head.length));
    if (first === null && this.written === null && head.length <= 0) return this.settle(this.sendWhole("", 0));
    this.first = first;
    this.state = SENT;
    this.watch();
    try {
      this.sink.stream(this.headToSend(head, head.length), this);
    } catch (error) {
      this.failLater(error);
    }
    return undefined;
  }

  /** The next non-empty chunk of the app's iterator. */
  private pull(): Uint8Array | null | Promise<Uint8Array | null> {
    const iterator = this.iterator as ChunkIterator;
    for (;;) {
      let step: IteratorResult<Chunk> | Promise<IteratorResult<Chunk>>;
      try {
        step = iterator.next();
      } catch (error) {
        this.ended = true;
        throw error;
      }
      if (isPromise(step)) return this.pullLater(step);
      if (step.done === true) {
        this.ended = true;
        return null;
      }
      const bytes = toBytes(step.value);
      if (bytes.length > 0) return bytes;
    }
  }

  private async pullLater(step: PromiseLike<IteratorResult<Chunk>>): Promise<Uint8Array | null> {
    for (;;) {
      this.pulling = true;
      let result: IteratorResult<Chunk>;
      try {
        result = await step;
      } catch (error) {
        this.ended = true;
        throw error;
      } finally {
        this.pulling = false;
      }
      if (result.done === true) {
        this.ended = true;
        return null;
      }
      const bytes = toBytes(result.value);
      if (bytes.length > 0) return bytes;
      if (this.over !== undefined) return null;
      step = (this.iterator as AsyncIterator<Chunk>).next();
    }
  }

  // ---- the sink pulls ----------------------------------------------------------------------------------------------

  next(): Uint8Array | null | Promise<Uint8Array | null> {
    if (this.state === DONE) {
      if (this.over !== undefined) throw this.over;
      return null;
    }
    let chunk: Uint8Array | null | undefined | Promise<Uint8Array | null>;
    try {
      chunk = this.nextUncounted();
      if (chunk !== undefined && !isPromise(chunk)) return this.deliver(chunk);
    } catch (error) {
      throw this.breakWith(error);
    }
    return new Promise<Uint8Array | null>((resolve, reject) => {
      this.breakOff = reject;
      const settle = (value: Uint8Array | null): void => {
        this.breakOff = undefined;
        if (this.over !== undefined) return reject(this.over);
        try {
          resolve(this.deliver(value));
        } catch (error) {
          reject(this.breakWith(error));
        }
      };
      const lose = (error: unknown): void => reject(this.breakWith(error));
      if (chunk !== undefined) void (chunk as Promise<Uint8Array | null>).then(settle, lose);
      else
        this.more = () => {
          let now: Uint8Array | null | undefined | Promise<Uint8Array | null>;
          try {
            now = this.nextUncounted();
          } catch (error) {
            return lose(error);
          }
          if (now === undefined) return undefined;
          this.more = undefined;
          if (isPromise(now)) void now.then(settle, lose);
          else settle(now);
          return undefined;
        };
    });
  }

  cancel(): void {
    this.leave();
  }

  /** What was written first, then what the body gives; `undefined` while the app has not returned one. */
  private nextUncounted(): Uint8Array | null | undefined | Promise<Uint8Array | null> {
    if (this.written !== null && this.written.length > 0) {
      const chunk = this.written.shift() as Uint8Array;
      this.writtenSize -= chunk.length;
      if (this.writtenSize <= this.incoming.source.limits.write) {
        this.room?.();
        this.room = undefined;
      }
      return chunk;
    }
    if (this.failure !== undefined) throw this.failure.error;
    if (this.first !== undefined) {
      const first = this.first;
      this.first = undefined;
      return first;
    }
    if (this.iterator === null) return undefined;
    return this.ended ? null : this.pull();
  }

  /** Counts a chunk against the declared length: too many bytes are cut and reported, too few break the connection. */
  private deliver(chunk: Uint8Array | null): Uint8Array | null {
    const declared = (this.head as CheckedHead).length;
    if (chunk === null) {
      if (declared >= 0 && this.count < declared)
        throw new Error(`body: ${this.count} bytes came, Content-Length says ${declared}`);
      this.settle(this.cleanUp());
      return null;
    }
    this.count += chunk.length;
    if (declared < 0 || this.count <= declared) return chunk;
    const kept = chunk.subarray(0, chunk.length - (this.count - declared));
    this.report(new Error(`body: more than the ${declared} bytes that Content-Length says; the rest is cut`));
    this.settle(this.cleanUp());
    return kept.length > 0 ? kept : null;
  }

  // ---- sending -----------------------------------------------------------------------------------------------------

  private isBodiless(head: CheckedHead): boolean {
    const code = head.status.code;
    return code === 204 || code === 304 || code === 205 || this.incoming.source.method === "HEAD";
  }

  private headToSend(head: CheckedHead, length: number): Head {
    const { code, reason } = head.status;
    // RFC 9110 8.6: no Content-Length in a 204; RFC 9110 15.3.6: a 205 says 0
    const said = code === 204 ? -1 : code === 205 ? 0 : length;
    return { code, reason, fields: head.fields, length: said, bodiless: this.isBodiless(head), close: this.closing };
  }

  /** A whole answer: what the client still sends is taken in first, since Deno and workerd else drop the connection. */
  private sendWhole(chunk: Chunk | null, length: number): void | Promise<void> {
    const drained = this.drainFirst();
    if (drained !== undefined) return drained.then(() => this.sendNow(chunk, length));
    return this.sendNow(chunk, length);
  }

  private drainFirst(): Promise<void> | undefined {
    const { source, inputIfMade } = this.incoming;
    if (source.method === "GET" || source.method === "HEAD") return undefined;
    if (inputIfMade?.started !== true && source.payload() === null) return undefined;
    const input = this.incoming.input;
    if (input.isRead) return undefined;
    return input.drain().then((whole) => {
      this.closing = !whole;
    });
  }

  private sendNow(chunk: Chunk | null, length: number): void | Promise<void> {
    if (this.over !== undefined) return this.cleanUp();
    const head = this.headToSend(this.head as CheckedHead, length);
    // a HEAD with a body of known length still hands the chunk over: its length is what Content-Length says
    this.hand(() => this.sink.send(head, chunk));
    return this.cleanUp();
  }

  private respond(response: Response): void | Promise<void> {
    const drained = this.drainFirst();
    if (drained !== undefined) return drained.then(() => this.respondNow(response));
    return this.respondNow(response);
  }

  private respondNow(response: Response): void | Promise<void> {
    if (this.over !== undefined) return this.settle(this.cleanUp());
    this.hand(() => this.sink.respond?.(response));
    this.finish();
    return undefined;
  }

  /** Hands an answer over whole. A host may have answered by itself meanwhile, or refuse what it is given. */
  private hand(send: () => void): void {
    this.state = SENT;
    try {
      send();
    } catch (error) {
      this.over = error;
      this.report(error);
      this.sink.abort();
    }
  }

  private refuse(refusal: Refusal): void {
    this.closing = true;
    this.sendError(refusal.status);
    this.finish();
  }

  private sendError(code: number): void {
    const reason = REASONS[code] ?? "Bad Request";
    const bodiless = this.incoming.source.method === "HEAD";
    const fields = ["Content-Type", "text/plain; charset=utf-8"];
    this.hand(() => this.sink.send({ code, reason, fields, length: -1, bodiless, close: this.closing }, reason));
  }

  // ---- the end -----------------------------------------------------------------------------------------------------

  /** Ends the exchange after a clean-up, at once where nothing has to be waited for. */
  private settle(step: void | Promise<void>): void | Promise<void> {
    if (step === undefined) {
      this.finish();
      return undefined;
    }
    return step.then(
      () => this.finish(),
      (error) => {
        this.report(error);
        this.finish();
      },
    );
  }

  /** `return()` unless the iteration ended by itself, then `close()`: once, and never in the way of the answer. */
  private cleanUp(): void | Promise<void> {
    if (this.cleaned || this.body === null) return undefined;
    this.cleaned = true;
    const body = this.body;
    if (Array.isArray(body) && typeof (body as Body).close !== "function") return undefined;
    if (this.iterator === null && this.ended) return this.closeNow();
    let returned: unknown;
    try {
      if (!this.ended) {
        this.iterator ??= iterate(body);
        returned = this.iterator.return?.();
      }
    } catch (error) {
      this.report(error);
    }
    if (!isPromise(returned)) return this.closeNow();
    const reported = (returned as Promise<unknown>).then(undefined, (error) => this.report(error));
    // an async generator queues return() behind a next() that is outstanding, perhaps for ever
    if (this.pulling) return this.closeNow();
    return reported.then(() => this.closeNow());
  }

  private closeNow(): void | Promise<void> {
    try {
      const closed = closeBody(this.body as Body);
      if (isPromise(closed))
        return (closed as Promise<unknown>).then(
          () => {},
          (error) => this.report(error),
        );
    } catch (error) {
      this.report(error);
    }
    return undefined;
  }

  private failure: { error: unknown } | undefined = undefined;

  /** An error once a stream has begun: the sink meets it at its next pull. */
  private failLater(error: unknown): void {
    this.failure = { error };
    this.more?.();
  }

  /** The app threw, or what it returned is no answer. */
  private fail(error: unknown): void | Promise<void> {
    if (this.state === DONE || this.over !== undefined) {
      if (!isAbort(error, this.over)) this.report(error);
      return this.settle(this.cleanUp());
    }
    if (this.state === SENT) {
      this.failLater(error);
      return undefined;
    }
    clearTimeout(this.timer);
    this.impatient = false;
    this.over = error ?? new Error(`the app threw ${String(error)}`);
    if (this.sink.fail?.(error) === true) {
      this.state = SENT;
      return this.settle(this.cleanUp());
    }
    const refused = error instanceof InputError;
    if (!refused) this.report(error);
    const drained = refused ? undefined : this.drainFirst();
    if (refused) this.closing = true;
    const answer = (): void | Promise<void> => {
      this.sendError(refused ? error.status : 500);
      return this.cleanUp();
    };
    return this.settle(drained === undefined ? answer() : drained.then(answer));
  }

  /** The answer cannot go on: logged, cleaned up, and given to the sink as a bare error (Bun and Deno print its stack). */
  private breakWith(error: unknown): Error {
    const broken = new Error("the answer was broken off");
    if (this.state === DONE) return broken;
    this.over = error ?? broken;
    if (!isAbort(error, this.incoming.gone)) this.report(error);
    void this.settle(this.cleanUp());
    return broken;
  }

  /** Begins to listen for a disconnect: a cost that only an answer that takes its time has to pay. */
  private readonly watch = (): void => {
    if (this.watching) return;
    this.watching = true;
    this.incoming.source.onDisconnect(() => this.leave());
  };

  /** The client has gone: the signal aborts, the body is cleaned up, whoever waits is told. */
  private leave(): void {
    // Deno's own signal aborts after success too: nobody left who has had everything
    if (this.state === DONE || this.over !== undefined) return;
    const reason = new DOMException(CLIENT_GONE, "AbortError");
    this.over = reason;
    this.incoming.leave(reason);
    clearTimeout(this.timer);
    this.room?.();
    const cleaned = this.body === null ? undefined : this.cleanUp();
    this.breakOff?.(reason);
    if (this.state === HELD) this.sink.abort();
    // an app that has not returned yet is waited for: its body is cleaned up unread
    if (this.body !== null || this.state === SENT) void this.settle(cleaned);
  }

  private report(error: unknown): void {
    const { source } = this.incoming;
    reportError(
      this.incoming.errors,
      error,
      `${quote(source.method).slice(1, -1)} ${quote(this.incoming.target.path)}`,
    );
  }
}

/** What the gateway itself answers. */
const REASONS: Record<number, string> = {
  413: "Content Too Large",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  505: "HTTP Version Not Supported",
};
const NEVER_CALLED = "the app returned its body and startResponse was never called";

/** Whether an error only says what is known already: the client has gone. */
function isAbort(error: unknown, reason: unknown): boolean {
  return error === reason || error instanceof InputError || (error as { name?: unknown } | null)?.name === "AbortError";
}
