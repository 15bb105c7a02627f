import { handle, validator, type App, type ErrorLog, type HeaderList } from "@tsgi/core";
import { MemorySink, type AnswerHead } from "./sink.ts";
import { MemorySource, type RequestInit } from "./source.ts";

export interface RequestOptions extends RequestInit {
  /** Whether core's `validator` stands around the app, so that every test checks the contract too. Default `true`. */
  validate?: boolean;
}

/** A whole answer. */
export interface TestAnswer extends AnswerHead {
  readonly body: Uint8Array;
  /** What went to `tsgi.errors`. */
  readonly errors: string;
  /** The first value of a header, by any case of its name. */
  header(name: string): string | undefined;
  text(): string;
  json<T = unknown>(): T;
}

/** An answer under way: read it chunk by chunk, or leave. */
export interface Exchange {
  /** The head once it has left; `null` when the connection was broken before there was one. */
  readonly head: Promise<AnswerHead | null>;
  /**
   * The next chunk, `null` at the end; nothing is asked of the app before. Rejects when the answer is broken off. Asked
   * again while a chunk is awaited, it gives the one after that.
   */
  next(): Promise<Uint8Array | null>;
  /** The client goes away, now. */
  disconnect(): void;
  /** Resolves when everything is sent and cleaned up, and what `tsgi.wait_until` got has settled. */
  readonly done: Promise<void>;
  /** What went to `tsgi.errors` so far. */
  readonly errors: string;
}

/** The answer did not come to its end: what a client sees as a broken connection. */
export class BrokenAnswerError extends Error {
  override readonly name = "BrokenAnswerError";
  /** The head, `null` when none had left. */
  readonly head: AnswerHead | null;
  /** What had come before the break. */
  readonly received: Uint8Array;
  /** What went to `tsgi.errors`. */
  readonly errors: string;

  constructor(head: AnswerHead | null, received: Uint8Array, errors: string) {
    super(
      `the answer was broken off after ${head === null ? "nothing" : `its head and ${received.length} bytes`}: ${errors}`,
    );
    this.head = head;
    this.received = received;
    this.errors = errors;
  }
}

class MemoryLog implements ErrorLog {
  text = "";
  write(text: string): void {
    this.text += text;
  }
  flush(): void {}
}

/**
 * Begins a request to an app without a server, through the gateway's own `handle`: for tests of streams and clean-up.
 *
 * @returns at once; the head, the chunks and the end are awaited on it
 * @example const exchange = open(clock);
 * await exchange.next();
 * exchange.disconnect();
 * await exchange.done;
 */
export function open(app: App, options: RequestOptions = {}): Exchange {
  const log = new MemoryLog();
  const source = new MemorySource(options, log);
  const sink = new MemorySink();
  const served = options.validate === false ? app : validator(app);
  const finished = Promise.resolve(handle(served, source, sink));
  const next = (): Promise<Uint8Array | null> => sink.next();
  let last: Promise<unknown> = Promise.resolve();
  return {
    head: sink.head,
    // one after the other, as a generator answers
    next: () => {
      const asked = last.then(next, next);
      last = asked;
      return asked;
    },
    disconnect: () => source.disconnect(),
    done: finished.then(() => source.settle()),
    get errors() {
      return log.text;
    },
  };
}

/**
 * Asks an app for an answer without a server, through the gateway's own `handle`, with core's `validator` around the app.
 *
 * @param options method, path, headers, body, environ keys, bindings, limits; `validate: false` leaves the validator out
 * @returns status, headers, body, and what went to `tsgi.errors`; an error of the app is a 500, as on the wire
 * @throws (rejects) BrokenAnswerError when the answer broke off after its head
 * @example const answer = await request(hello, { path: "/?name=World", headers: { accept: "text/plain" } });
 * expect(answer.text()).toBe("Hello World");
 */
export async function request(app: App, options: RequestOptions = {}): Promise<TestAnswer> {
  const exchange = open(app, options);
  const pieces: Uint8Array[] = [];
  const head = await exchange.head;
  try {
    for (let piece = await exchange.next(); piece !== null; piece = await exchange.next()) pieces.push(piece);
  } catch {
    await exchange.done;
    throw new BrokenAnswerError(head, join(pieces), exchange.errors);
  }
  await exchange.done;
  const body = join(pieces);
  const { status, statusLine, headers } = head as AnswerHead;
  return {
    status,
    statusLine,
    headers,
    body,
    errors: exchange.errors,
    header: (name) => first(headers, name),
    text: () => new TextDecoder().decode(body),
    json: <T>() => JSON.parse(new TextDecoder().decode(body)) as T,
  };
}

function first(headers: HeaderList, name: string): string | undefined {
  return headers.find(([field]) => field.toLowerCase() === name.toLowerCase())?.[1];
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
