import { checkBody, isPromise, OpenBody, toBytes } from "../body.ts";
import type { Answer, App, Body, Chunk, Environ, HeaderList, StartResponse, Write } from "../contract.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { reportError } from "../report.ts";
import { nextOf } from "../sink.ts";
import { checkHead } from "../start-response.ts";

/**
 * Runs an app to the point where its head is known, generator apps too: for the filter that must know the status. The
 * body has not been read any further than that; whoever does not pass it on closes it. An app that writes has its head
 * known with the first chunk, and may go on for long.
 *
 * @param environ what the app gets; a copy (`copyEnviron`) when another app is to see the original
 * @returns the answer; its body still gives everything, written chunks first
 * @throws (rejects) whatever the app throws before its head is known; Error when it never calls startResponse
 * @example const answer = await call(app, environ);
 * if (!answer.status.startsWith("404")) return respond(answer, start);
 */
export async function call(app: App, environ: Environ): Promise<Answer> {
  const collected = new CollectedBody(environ);
  const head = await collected.begin(app(environ, collected.start));
  return { ...head, body: collected.asItIs ?? collected };
}

/**
 * Gives an answer to the server: the other half of `call`.
 *
 * @returns the body to return from the app
 * @throws TypeError as startResponse does; the body is closed then
 * @example return respond({ status: "404 Not Found", headers: [["Content-Type", "text/plain"]], body: ["no"] }, start);
 */
export function respond(answer: Answer, startResponse: StartResponse): Body {
  const { body } = answer;
  try {
    startResponse(answer.status, answer.headers, answer.error);
  } catch (error) {
    // the client has left meanwhile, or the head is refused: nobody else gets to see this body
    void new OpenBody(body, { report: () => {} }).cleanUp(Array.isArray(body));
    throw error;
  }
  return body;
}

type AnswerHead = Omit<Answer, "body">;

/** A body whose head was awaited: what was written and pulled meanwhile comes first. */
class CollectedBody implements AsyncIterable<Chunk> {
  private head: AnswerHead | undefined = undefined;
  private readonly environ: Environ;
  private readonly written: Uint8Array[] = [];
  /** Bytes of what was written and not read yet. */
  private size = 0;
  private open: OpenBody | undefined = undefined;
  /** What the app returned, where it can be passed on as it is. */
  private returned: Body | undefined = undefined;
  /** An asynchronous app failed; after it had written whoever reads on is told. */
  private failed: { readonly error: unknown } | undefined = undefined;
  private first: Uint8Array | null | Promise<Uint8Array | null> | undefined = undefined;
  /** What the body gave last, until it is passed on; `null` at its end. */
  private pulled: Uint8Array | null | undefined = undefined;
  private known: (() => void) | undefined = undefined;
  /** Whoever waits for something to be written, or for the app to return. */
  private wake: (() => void) | undefined = undefined;
  /** Those who wait for room. */
  private readonly room: (() => void)[] = [];
  private handed = false;
  private closed = false;

  constructor(environ: Environ) {
    this.environ = environ;
  }

  readonly start: StartResponse = (status, headers, error) => {
    const replaces = error !== undefined && error !== null;
    if (this.head !== undefined && !replaces)
      throw new Error("startResponse was called twice; a second call needs an error as its third argument");
    if (this.handed) throw error ?? new Error("call: startResponse was called after the body had come without a head");
    checkHead(status, headers);
    this.head = { status, headers: headers as HeaderList, ...(replaces ? { error } : {}) };
    this.known?.();
    return this.write;
  };

  private readonly write: Write = (chunk) => {
    const bytes = toBytes(chunk);
    if (this.closed) throw new Error("write was called after the answer was let go");
    // as the server's own: what it holds for a slow client has a bound
    const { write: limit } = DEFAULT_LIMITS;
    if (this.size > 10 * limit)
      throw new Error(`write: ${this.size} bytes wait for a slow client; await what write returns`);
    if (bytes.length === 0) return undefined;
    this.written.push(bytes);
    this.size += bytes.length;
    this.wake?.();
    return this.size > limit ? new Promise((resolve) => this.room.push(resolve)) : undefined;
  };

  /** An array or a Response keeps its known length when it is passed on as it is, and whoever drops it can close it. */
  get asItIs(): Body | undefined {
    const { returned } = this;
    if (returned === undefined || this.written.length > 0 || this.first !== undefined) return undefined;
    return Array.isArray(returned) || typeof returned.close === "function" ? returned : undefined;
  }

  /** Until the head is known: the app has returned, or has written. */
  async begin(answered: Body | PromiseLike<Body>): Promise<AnswerHead> {
    try {
      if (isPromise(answered) && !Array.isArray(answered)) {
        const over = (failed?: { readonly error: unknown }): void => {
          this.failed = failed;
          this.wake?.();
        };
        Promise.resolve(answered)
          .then((body) => this.follow(body))
          .then(
            () => over(),
            (error) => over({ error }),
          );
        if (this.written.length === 0) await this.change();
        if (this.written.length === 0 && this.failed !== undefined) throw this.failed.error;
      } else await this.follow(answered as Body);
    } finally {
      this.handed = true;
    }
    return this.head as AnswerHead;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  private async follow(body: Body): Promise<void> {
    checkBody(body);
    this.returned = body;
    const open = (this.open = new OpenBody(body, {
      report: (error) => reportError(this.environ["tsgi.errors"], error, "call"),
    }));
    try {
      if (this.closed) await open.cleanUp(Array.isArray(body));
      else if (!Array.isArray(body) && this.head === undefined) await this.pullHead(open);
      if (this.head === undefined) throw new Error("call: the app returned its body and never called startResponse");
    } catch (error) {
      // nobody else gets to see this body
      await open.cleanUp(Array.isArray(body));
      throw error;
    }
  }

  /** Pulls until the head is known or the body is over; a pull that is still pending then stays the first one. */
  private async pullHead(open: OpenBody): Promise<void> {
    const known = new Promise<void>((resolve) => (this.known = resolve));
    const first = (this.first = nextOf(open));
    if (!isPromise(first)) return;
    const settled = (first as Promise<unknown>).then(() => {});
    // an error after the head is known is met by whoever reads the body
    settled.catch(() => {});
    // a client that leaves meanwhile wakes nobody else: the gateway has no body yet to clean up
    const signal = this.environ["tsgi.signal"];
    let left!: () => void;
    const gone = new Promise<never>((_resolve, reject) => (left = () => reject(signal.reason as Error)));
    signal.addEventListener("abort", left, { once: true });
    if (signal.aborted) left();
    try {
      await Promise.race([known, settled, gone]);
    } finally {
      signal.removeEventListener("abort", left);
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Chunk> {
    return {
      next: async () => {
        while (this.written.length === 0 && this.pulled === undefined) await this.more();
        // what was written while a chunk was made stands before it, and before the end
        const written = this.written.shift();
        if (written !== undefined) return { done: false, value: this.taken(written) };
        const { pulled } = this;
        if (!pulled) return { done: true, value: undefined };
        this.pulled = undefined;
        return { done: false, value: pulled };
      },
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  /** Something is written or pulled, or it is the end. */
  private async more(): Promise<void> {
    if (this.closed) this.pulled = null;
    else if (this.failed !== undefined) throw this.failed.error;
    else if (this.open === undefined) await this.change();
    else {
      const { first } = this;
      this.first = undefined;
      this.pulled = (await (first === undefined ? nextOf(this.open as OpenBody) : first)) ?? null;
    }
  }

  private taken(bytes: Uint8Array): Uint8Array {
    this.size -= bytes.length;
    if (this.size <= DEFAULT_LIMITS.write) this.makeRoom();
    return bytes;
  }

  private makeRoom(): void {
    for (const resolve of this.room.splice(0)) resolve();
  }

  /** An app that still runs learns of it at its next write, and what it returns is closed. */
  close(): void | Promise<void> {
    this.closed = true;
    this.wake?.();
    this.makeRoom();
    return this.open?.cleanUp();
  }
}
