import { checkBody, isPromise, letGo, NativeBody, OpenBody, toBytes } from "./body.ts";
import type { App, Body, Chunk, Header, Write } from "./contract.ts";
import { makeEnviron } from "./environ.ts";
import { quote } from "./grammar.ts";
import { Incoming } from "./incoming.ts";
import { InputError } from "./input.ts";
import type { Listener } from "./patience.ts";
import { reportError, reportLine } from "./report.ts";
import type { Head, Puller, Sink } from "./sink.ts";
import type { Refusal, Source } from "./source.ts";
import { checkHead } from "./start-response.ts";
import { Stream, type StreamOwner } from "./stream.ts";
import { pathOf } from "./target.ts";

/**
 * Serves one request: builds the environ from `source`, calls the app, and sends what it answers through `sink`. The one
 * response machine that every adapter calls.
 *
 * @returns nothing when the answer was handed over whole, or the sink is told of the end (`finished`); else a promise that
 *   resolves when all is sent and cleaned up. Never throws, never rejects: an app's error is answered and goes to
 *   `tsgi.errors`.
 * @example createServer((req, res) => void handle(app, new MySource(req), new MySink(res)));
 */
export function handle(app: App, source: Source, sink: Sink): void | Promise<void> {
  const exchange = new Exchange(source, sink);
  exchange.run(app);
  return sink.finished === undefined ? exchange.end() : undefined;
}

/**
 * Nothing has left yet; the head is out; what is sent is known, and waits for the rest of the request's body; all was handed
 * over, and the body is cleaned up; that is done too.
 */
const HELD = 0;
const SENT = 1;
const CHOSEN = 2;
const WHOLE = 3;
const DONE = 4;

const NONE: readonly Readonly<Header>[] = [];
const NEVER_CALLED = "the app returned its body and startResponse was never called";
const CALLED_TWICE = "startResponse was called twice; a second call needs an error as its third argument";

/** What the gateway itself answers. */
const REASONS: Record<number, string> = {
  413: "Content Too Large",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

class Exchange extends Incoming implements StreamOwner, Listener, Puller {
  private readonly sink: Sink;
  private state: typeof HELD | typeof SENT | typeof CHOSEN | typeof WHOLE | typeof DONE = HELD;
  /** startResponse was called, perhaps with a head that was refused. */
  private called = false;
  private head: Head | null = null;
  /** What the head was made of, for a body that is a Response. */
  private line = "";
  private list: readonly Readonly<Header>[] = NONE;
  /** The app has neither returned nor thrown: whatever ends the answer, the exchange goes on until then. */
  private pending = true;
  /** What the app returned. */
  private returned: Body | null = null;
  private watching = false;
  place = -1;
  // One object a request, whose every field is made and collected for each: what most answers never come to is absent until
  // it is set (all of it together cost Bun and Node 1 to 2 % of a small answer).
  /** A Response that came without a head. */
  declare private passed: NativeBody | undefined;
  /** Why startResponse and write are refused, once they are. */
  declare private over: unknown;
  /** The reading of what the app returned, once that has begun. */
  declare private reading: OpenBody | undefined;
  /** The answer once it goes out in more than one piece. */
  declare private stream: Stream | undefined;
  /** The first pull is being made: a generator that calls `write` in it must not be pulled again meanwhile. */
  declare private starting: boolean | undefined;
  /** The first chunk comes later: once the head is known too, it leaves after one turn of the event loop. */
  declare private awaits: boolean | undefined;
  declare private timer: ReturnType<typeof setTimeout> | undefined;
  /** What the client still sends is more than we take in: the connection serves no further request. */
  declare private closing: boolean | undefined;
  declare private finished: (() => void) | undefined;

  constructor(source: Source, sink: Sink) {
    super(source);
    this.sink = sink;
  }

  run(app: App): void {
    const refusal = this.check();
    if (refusal !== undefined) {
      this.refuse(refusal);
      return this.finish();
    }
    let body: Body | PromiseLike<Body>;
    let later: Promise<Body> | undefined;
    try {
      body = app(makeEnviron(this), this.start);
      // a thenable of a library's own may throw from its `then`, or call back twice: a promise of ours does not
      if (!Array.isArray(body) && isPromise(body)) later = Promise.resolve(body);
    } catch (error) {
      return this.threw(error);
    }
    if (later === undefined) return this.take(body as Body);
    this.watch();
    void later.then(
      (value) => this.take(value),
      (error) => this.threw(error),
    );
  }

  private threw(error: unknown): void {
    this.pending = false;
    this.fail(error);
  }

  /** A promise of the end; most sinks want none, and an idle connection would hold it for hours. */
  end(): void | Promise<void> {
    return this.state === DONE ? undefined : new Promise<void>((resolve) => (this.finished = resolve));
  }

  // ---- what the app calls ------------------------------------------------------------------------------------------

  private readonly start = (line: string, list: readonly Readonly<Header>[], error?: unknown): Write => {
    if (this.over !== undefined) throw this.over;
    const replaces = error !== undefined && error !== null;
    if (this.called && !replaces) throw new Error(CALLED_TWICE);
    if (this.state !== HELD) throw error;
    // PEP 3333: a call that was refused counts, the next one gives the error
    this.called = true;
    // asked first: to set it would give each request a field of its own
    if (this.passed !== undefined) this.passed = undefined;
    this.say(line, list);
    if (this.awaits) this.arm();
    return (chunk) => this.push(chunk);
  };

  /** Checks and keeps the head: an app's, or that of a Response which came without. */
  private say(line: string, list: readonly Readonly<Header>[]): void {
    this.head = checkHead(line, list);
    this.line = line;
    this.list = list;
  }

  passes(startResponse: unknown, body: NativeBody): boolean {
    if (startResponse !== this.start || this.called || !this.isHeld || this.sink.respond === undefined) return false;
    this.called = true;
    this.passed = body;
    return true;
  }

  private push(chunk: Chunk): void | Promise<void> {
    if (this.over !== undefined) throw this.over;
    if (this.state >= CHOSEN) throw new Error("write was called after the answer was whole");
    const bytes = toBytes(chunk);
    if (bytes.length === 0 || this.isBodiless(this.head as Head)) return undefined;
    if (this.stream !== undefined) return this.stream.push(bytes);
    return this.begun(this.head as Head, undefined, bytes);
  }

  // ---- what the app returned ---------------------------------------------------------------------------------------

  private take(body: Body): void {
    const listed = Array.isArray(body);
    this.pending = false;
    try {
      if (!listed) checkBody(body);
      this.returned = body;
      // write may have said everything, and more, before the body came
      if (this.over !== undefined || this.state >= WHOLE) return this.cleanUp();
      if (this.stream !== undefined) return this.stream.follow(this.body as OpenBody);
      if (listed && body.length <= 1 && this.passed === undefined) return this.takeOne(body as Chunk[]);
      const native = body instanceof NativeBody ? body : undefined;
      const { passed } = this;
      const headless = passed !== undefined && passed === native;
      // while somebody holds the signal the answer is watched to its end, and so does not leave our hands
      const whole = native !== undefined && (headless || this.head !== null) && this.sink.respond !== undefined;
      if (whole && !((this.hasSignal || this.mayYetRead(native)) && native.streams))
        return this.sendWhole(headless ? native.asItCame() : native.answer(this.line, this.list), true, native);
      if (passed !== undefined) this.say(passed.line, passed.list);
      const { head } = this;
      // a head that admits no body leaves at once, and the iteration is never started
      if (head !== null && this.isBodiless(head)) return this.sendWhole(null);
      if (native === undefined) return this.begin();
      const held = native.atHand(whole);
      if (!isPromise(held)) return this.takeOne([held]);
      void held.then((chunk) => (chunk === null ? this.begin() : this.takeOne([chunk])));
    } catch (error) {
      // no body, or a Response whose body is being read
      return this.fail(error);
    }
  }

  private get body(): OpenBody | undefined {
    return this.reading ?? (this.returned === null ? undefined : (this.reading = new OpenBody(this.returned, this)));
  }

  /** One chunk in an array, or none: the length is known. */
  private takeOne(chunks: readonly Chunk[]): void {
    const { head } = this;
    if (this.over !== undefined) return this.cleanUp();
    if (head === null) return this.fail(new Error(NEVER_CALLED));
    let chunk = chunks.length === 0 ? "" : chunks[0];
    try {
      if (typeof chunk !== "string" || head.length >= 0) chunk = toBytes(chunk);
    } catch (error) {
      return this.fail(error);
    }
    // a declared length that does not hold takes the long way, where bytes are counted
    const holds = head.length < 0 || head.length === chunk.length || this.isBodiless(head);
    return holds ? this.sendWhole(chunk, true) : this.begin();
  }

  /** Pulls until the head may leave: at the first non-empty chunk, at the end, or after a turn of waiting. */
  private begin(): void {
    const body = this.body as OpenBody;
    let first: Uint8Array | null | undefined;
    this.starting = true;
    try {
      first = body.pullTo(this);
    } catch (error) {
      return this.fail(error);
    } finally {
      this.starting = false;
    }
    if (this.over !== undefined) return this.cleanUp();
    this.awaits = first === undefined;
    if (this.stream !== undefined) return this.stream.follow(body, first, this.awaits);
    if (first !== undefined) return this.open(first);
    this.watch();
    if (this.head !== null) this.arm();
  }

  /** The first chunk has come, or the end: perhaps behind what was written, or behind the head. */
  pulled(chunk: Uint8Array | null): void {
    this.awaits = false;
    if (this.stream !== undefined) this.stream.pulled(chunk);
    else if (this.isHeld) this.open(chunk);
  }

  lost(error: unknown): void {
    this.awaits = false;
    if (this.stream !== undefined) this.stream.lost(error);
    else if (this.isHeld) this.fail(error);
    // of a head that admits no body, which has left: an error is no less one
    else if (this.over === undefined && !isExpected(error)) this.report(error);
  }

  private get isHeld(): boolean {
    return this.state === HELD && this.over === undefined;
  }

  private arm(): void {
    this.timer ??= setTimeout(() => {
      // a stream may last for hours: neither the timer nor what it held is kept for so long
      this.timer = undefined;
      if (this.isHeld) this.open(undefined);
    }, 0);
  }

  /** The head leaves: with the first chunk, with the end (`null`), or ahead of what is still to come (`undefined`). */
  private open(first: Uint8Array | null | undefined): void {
    const { head } = this;
    if (head === null) return this.fail(new Error(NEVER_CALLED));
    if (this.isBodiless(head)) return this.sendWhole(null);
    if (first === null && head.length <= 0) return this.sendWhole("");
    void this.begun(head, first);
  }

  /** The answer begins as a stream, `written` ahead of the body. */
  private begun(head: Head, first: Uint8Array | null | undefined, written?: Uint8Array): void | Promise<void> {
    this.watch();
    const stream = (this.stream = new Stream(this, head.length, this.source.limits.write));
    if (!this.starting && this.returned !== null) stream.follow(this.body as OpenBody, first, this.awaits);
    const room = written === undefined ? undefined : stream.push(written);
    this.state = SENT;
    try {
      this.sink.stream(this.headToSend(head), stream);
    } catch (error) {
      this.unsendable(error);
      stream.close(error);
      // a body that is being pulled from just now, or is not here yet, is cleaned up when that is over
      if (!this.starting) this.cleanUp();
    }
    return room;
  }

  // ---- sending -----------------------------------------------------------------------------------------------------

  private isBodiless(head: Head): boolean {
    return head.bodiless || this.source.method === "HEAD";
  }

  private headToSend(head: Head): Head {
    if (!this.closing && this.source.method !== "HEAD") return head;
    const { code, reason, fields, length, typed } = head;
    return { code, reason, fields, length, typed, bodiless: this.isBodiless(head), close: this.closing === true };
  }

  /**
   * Sends a whole answer: a chunk, nothing, or a Response as it is. What the client still sends is taken in first, else
   * Deno and workerd drop the connection.
   */
  private sendWhole(answer: Chunk | Response | null, taken = false, native?: NativeBody): void {
    // all is there, however long the client takes to send the rest: no head leaves ahead of it
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.state = CHOSEN;
    const drained = this.drain(native);
    if (drained === undefined) this.sendNow(answer, taken);
    else void drained.then(() => this.sendNow(answer, taken));
  }

  private sendNow(answer: Chunk | Response | null, taken: boolean): void {
    if (this.over === undefined) {
      this.state = WHOLE;
      const isOurs = answer === null || typeof answer === "string" || answer instanceof Uint8Array;
      try {
        // a HEAD whose chunk is at hand hands it over all the same: its length is what Content-Length says
        if (isOurs) this.sink.send(this.headToSend(this.head as Head), answer);
        else this.sink.respond?.(answer);
      } catch (error) {
        if (isOurs) this.unsendable(error);
        else this.unanswerable(error);
      }
    }
    this.cleanUp(taken);
  }

  /** Takes in what is left of the request's body; `undefined` when nothing is. */
  private drain(native?: NativeBody): Promise<void> | undefined {
    const { source, inputIfMade } = this;
    if (source.method === "GET" || source.method === "HEAD") return undefined;
    if (inputIfMade === undefined && source.payload() === null) return undefined;
    const { input, handed } = this;
    if (input.isRead || (native !== undefined && handed !== undefined && native.keeps(handed))) return undefined;
    return input.drain().then((whole) => {
      this.closing = !whole;
    });
  }

  /** The handler has left the request's body unread, and a stream that it answers with may read it: no drain before that. */
  private mayYetRead(native: NativeBody): boolean {
    const { handed } = this;
    return handed !== undefined && !native.keeps(handed);
  }

  /** A host has answered by itself meanwhile, or refuses what it is given. */
  private unsendable(error: unknown): void {
    this.over = error;
    this.report(error);
    this.sink.abort();
  }

  /** A Response that the runtime does not take: nothing of it is out. */
  private unanswerable(error: unknown): void {
    this.over = error;
    this.report(error);
    this.sendError(500);
  }

  private refuse({ status, why }: Refusal): void {
    void reportLine(this.errors, `${this.title} refused with ${status}: ${why}`);
    this.closing = true;
    this.sendError(status);
  }

  private sendError(code: number): void {
    const reason = REASONS[code] ?? "Bad Request";
    const bodiless = this.source.method === "HEAD";
    const fields = ["Content-Type", "text/plain; charset=utf-8"];
    this.state = SENT;
    try {
      this.sink.send({ code, reason, fields, length: -1, typed: true, bodiless, close: this.closing === true }, reason);
    } catch (error) {
      this.unsendable(error);
    }
  }

  // ---- the end -----------------------------------------------------------------------------------------------------

  ended(): void {
    this.state = WHOLE;
    // read in part, and so nobody else's to take in: the rest would stand before the next request
    if (this.inputIfMade?.started === true) void this.drain();
    this.cleanUp();
  }

  cut(declared: number): void {
    this.report(new Error(`body: more than the ${declared} bytes that Content-Length says; the rest is cut`));
    this.state = WHOLE;
    this.cleanUp();
  }

  broken(error: unknown): void {
    this.over = error ?? new Error(String(error));
    // an AbortError is the app's own: who has left is told before
    if (!isInputError(error)) this.report(error);
    this.cleanUp();
  }

  /** The app threw, or what it returned is no answer. */
  private fail(error: unknown): void {
    if (this.over !== undefined || this.state >= WHOLE) {
      // a client that has left is no news
      if (error !== this.over && !isExpected(error)) this.report(error);
      return this.cleanUp();
    }
    if (this.stream !== undefined) return this.stream.fail(error);
    this.over = error ?? new Error(`the app threw ${String(error)}`);
    const late = this.refused;
    // looked at late, refused all the same
    if (late !== undefined && error === late.error) {
      this.refuse(late.refusal);
      return this.cleanUp();
    }
    try {
      if (this.sink.fail?.(error) === true) return this.cleanUp();
    } catch (thrown) {
      this.unsendable(thrown);
      return this.cleanUp();
    }
    const refused = isInputError(error) ? error.status : 0;
    if (refused > 0) this.closing = true;
    else this.report(error);
    const answer = (): void => {
      this.sendError(refused || 500);
      this.cleanUp();
    };
    const drained = refused > 0 ? undefined : this.drain();
    if (drained === undefined) answer();
    else void drained.then(answer);
  }

  /** Begins to listen for a disconnect: a cost that only an answer that takes its time has to pay. */
  watch(): void {
    if (this.watching) return;
    this.watching = true;
    const { patience } = this.source;
    if (patience === undefined) this.listen();
    else patience.join(this);
  }

  listen(): void {
    this.source.onDisconnect(() => this.leave());
  }

  /** The client has gone: the signal aborts, the body is cleaned up, whoever waits is told. */
  leave(): void {
    // Node and Deno tell of it after success too: nobody leaves who has had everything
    if (this.over !== undefined || this.state >= WHOLE) return;
    const reason = new DOMException("the client left before the answer was whole", "AbortError");
    this.over = reason;
    this.abort(reason);
    if (this.state !== SENT) this.sink.abort();
    this.cleanUp();
    this.stream?.close(reason);
  }

  /** Cleans the body up, once, and ends the exchange when that is done. */
  private cleanUp(taken = false): void {
    if (this.timer !== undefined) clearTimeout(this.timer);
    if (this.pending) return;
    const { returned } = this;
    let step: void | Promise<void>;
    if (taken && this.reading === undefined && returned !== null) {
      // of what was taken whole nothing is left to read: only its close()
      this.returned = null;
      step = letGo(returned, this);
    } else step = this.body?.cleanUp(taken);
    if (step === undefined) this.finish();
    else void step.then(() => this.finish());
  }

  private finish(): void {
    if (this.state === DONE) return;
    this.state = DONE;
    if (this.place >= 0) this.source.patience?.leave(this);
    if (this.sink.finished !== undefined) this.sink.finished();
    else this.finished?.();
  }

  report(error: unknown): void {
    reportError(this.errors, error, this.title);
  }

  /** Method and path, for the log. */
  private get title(): string {
    const { source } = this;
    return `${quote(source.method).slice(1, -1)} ${quote(pathOf(source.target))}`;
  }
}

/** What is the client's doing, and is no news for the error log: it left, or its body was refused. */
function isExpected(error: unknown): boolean {
  try {
    return error instanceof InputError || (error as { name?: unknown } | null)?.name === "AbortError";
  } catch {
    // a Proxy that has been revoked can be thrown, and not looked at
    return false;
  }
}

/** As `instanceof`, which throws for what cannot be looked at. */
function isInputError(error: unknown): error is InputError {
  return isExpected(error) && error instanceof InputError;
}
