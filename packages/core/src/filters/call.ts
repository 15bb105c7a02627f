import { checkBody, isPromise, OpenBody, toBytes } from "../body.ts";
import type { Answer, App, Body, Chunk, Environ, HeaderList, StartResponse, Write } from "../contract.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { reportError } from "../report.ts";
import { nextOf, type Puller } from "../sink.ts";
import { checkHead } from "../start-response.ts";
import { Stream, type StreamOwner } from "../stream.ts";

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

const NEVER_CALLED = "call: the app returned its body and never called startResponse";

/** A body whose head was awaited: what was written and pulled meanwhile comes first, in order and bounded as in the server. */
class CollectedBody implements AsyncIterable<Chunk>, StreamOwner {
  private readonly environ: Environ;
  private readonly stream = new Stream(this, -1, DEFAULT_LIMITS.write);
  private head: AnswerHead | undefined = undefined;
  /** What the app returned. */
  private returned: Body | undefined = undefined;
  private open: OpenBody | undefined = undefined;
  /** Something was written, or pulled from what was returned. */
  private touched = false;
  /** The head is out of our hands. */
  private handed = false;
  private closed = false;
  /** Why the body cannot go on. */
  private error: unknown = undefined;
  /** The pull that waits for the head. */
  private known: (() => void) | undefined = undefined;
  /** The caller, while an asynchronous app has neither returned nor written. */
  private wake: (() => void) | undefined = undefined;

  constructor(environ: Environ) {
    this.environ = environ;
  }

  readonly start: StartResponse = (status, headers, error) => {
    const replaces = error !== undefined && error !== null;
    if (this.head !== undefined && !replaces)
      throw new Error("startResponse was called twice; a second call needs an error as its third argument");
    if (this.handed) throw error ?? new Error(NEVER_CALLED);
    checkHead(status, headers);
    this.head = { status, headers: headers as HeaderList, ...(replaces ? { error } : {}) };
    this.known?.();
    return this.write;
  };

  private readonly write: Write = (chunk) => {
    const bytes = toBytes(chunk);
    if (this.closed) throw new Error("write was called after the answer was let go");
    if (bytes.length === 0) return undefined;
    const room = this.stream.push(bytes);
    this.touched = true;
    this.wake?.();
    return room;
  };

  /** An array or a Response keeps its known length when it is passed on as it is, and whoever drops it can close it. */
  get asItIs(): Body | undefined {
    const { returned } = this;
    if (returned === undefined || this.touched) return undefined;
    return Array.isArray(returned) || typeof returned.close === "function" ? returned : undefined;
  }

  /** Until the head is known: the app has returned, or has written. */
  async begin(answered: Body | PromiseLike<Body>): Promise<AnswerHead> {
    try {
      if (isPromise(answered) && !Array.isArray(answered)) {
        const returned = Promise.resolve(answered).then((body) => this.follow(body));
        // an error of an app that has written is met by whoever reads on
        returned.catch((error) => this.stream.fail(error));
        const written = new Promise<void>((resolve) => (this.wake = resolve));
        if (!this.touched) await Promise.race([returned, written]);
      } else await this.follow(answered as Body);
    } finally {
      this.handed = true;
    }
    return this.head as AnswerHead;
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
      else this.stream.follow(open);
      if (this.head === undefined) throw new Error(NEVER_CALLED);
    } catch (error) {
      // nobody else gets to see this body
      await open.cleanUp(Array.isArray(body));
      throw error;
    }
  }

  /** Pulls until the head is known or the body is over; a pull that is still pending then stays the first one. */
  private async pullHead(open: OpenBody): Promise<void> {
    this.touched = true;
    const { stream } = this;
    const known = new Promise<void>((resolve) => (this.known = resolve));
    let to!: Puller;
    const settled = new Promise<void>((resolve, reject) => {
      to = {
        pulled: (chunk) => (resolve(), stream.pulled(chunk)),
        lost: (error) => (reject(error as Error), stream.lost(error)),
      };
    });
    const first = open.pullTo(to);
    stream.follow(open, first, first === undefined);
    if (first !== undefined) return;
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
        try {
          const chunk = await nextOf(this.stream);
          return chunk === null ? { done: true, value: undefined } : { done: false, value: chunk };
        } catch (lost) {
          // a stream says only that it is broken off
          throw this.error ?? lost;
        }
      },
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  /** An app that still runs learns of it at its next write, and what it returns is closed. */
  close(): void | Promise<void> {
    this.closed = true;
    this.stream.close(new Error("the answer was let go"));
    return this.open?.cleanUp();
  }

  broken(error: unknown): void {
    this.error = error;
  }

  // of the rest the server learns that reads this body
  ended(): void {}
  cut(): void {}
  leave(): void {}
}
