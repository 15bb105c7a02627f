import { checkBody, isPromise, OpenBody, toBytes } from "../body.ts";
import type { Answer, App, Body, Chunk, Environ, HeaderList, StartResponse, Write } from "../contract.ts";
import { reportError } from "../report.ts";
import { nextOf } from "../sink.ts";
import { checkHead } from "../start-response.ts";

/**
 * Runs an app to the point where its head is known, generator apps too: for the filter that must know the status. The
 * body has not been read any further than that; whoever does not pass it on closes it.
 *
 * @param environ what the app gets; a copy (`copyEnviron`) when another app is to see the original
 * @returns the answer; its body still gives everything, written chunks first
 * @throws (rejects) whatever the app throws before its head is known; Error when it never calls startResponse
 * @example const answer = await call(app, environ);
 * if (!answer.status.startsWith("404")) return respond(answer, start);
 */
export async function call(app: App, environ: Environ): Promise<Answer> {
  const collected = new CollectedBody();
  const body = await app(environ, collected.start);
  checkBody(body);
  const open = new OpenBody(body, { report: (error) => reportError(environ["tsgi.errors"], error, "call") });
  try {
    await collected.follow(open, Array.isArray(body));
    if (collected.head === undefined) throw new Error("call: the app returned its body and never called startResponse");
  } catch (error) {
    // nobody else gets to see this body
    await open.cleanUp();
    throw error;
  }
  // an array or a Response keeps its known length when it is passed on as it is, and whoever drops it can close it
  const asItIs = collected.untouched && (Array.isArray(body) || typeof body.close === "function");
  return { ...collected.head, body: asItIs ? body : collected };
}

/**
 * Gives an answer to the server: the other half of `call`.
 *
 * @returns the body to return from the app
 * @throws TypeError as startResponse does
 * @example return respond({ status: "404 Not Found", headers: [["Content-Type", "text/plain"]], body: ["no"] }, start);
 */
export function respond(answer: Answer, startResponse: StartResponse): Body {
  startResponse(answer.status, answer.headers, answer.error);
  return answer.body;
}

/** A body whose head was awaited: what was written and pulled meanwhile comes first. */
class CollectedBody implements AsyncIterable<Chunk> {
  head: { status: string; headers: HeaderList; error?: unknown } | undefined = undefined;
  private readonly written: Chunk[] = [];
  private open: OpenBody | undefined = undefined;
  private first: Uint8Array | null | Promise<Uint8Array | null> | undefined = undefined;
  private known: (() => void) | undefined = undefined;
  private handed = false;

  readonly start: StartResponse = (status, headers, error) => {
    const replaces = error !== undefined && error !== null;
    if (this.head !== undefined && !replaces)
      throw new Error("startResponse was called twice; a second call needs an error as its third argument");
    if (this.handed) throw error;
    checkHead(status, headers);
    this.head = { status, headers: headers as HeaderList, ...(replaces ? { error } : {}) };
    this.known?.();
    return this.write;
  };

  private readonly write: Write = (chunk) => {
    toBytes(chunk);
    this.written.push(chunk);
  };

  get untouched(): boolean {
    return this.written.length === 0 && this.first === undefined;
  }

  /** Pulls until the head is known or the body is over; a pull that is still pending then stays the first one. */
  async follow(open: OpenBody, isArray: boolean): Promise<void> {
    this.open = open;
    if (!isArray && this.head === undefined) {
      const known = new Promise<void>((resolve) => (this.known = resolve));
      const first = (this.first = nextOf(open));
      if (isPromise(first)) {
        const settled = (first as Promise<unknown>).then(() => {});
        // an error after the head is known is met by whoever reads the body
        settled.catch(() => {});
        await Promise.race([known, settled]);
      }
    }
    this.handed = true;
  }

  [Symbol.asyncIterator](): AsyncIterator<Chunk> {
    return {
      next: async () => {
        const written = this.written.shift();
        if (written !== undefined) return { done: false, value: written };
        const { first } = this;
        this.first = undefined;
        const chunk = await (first === undefined ? this.open && nextOf(this.open) : first);
        return chunk ? { done: false, value: chunk } : { done: true, value: undefined };
      },
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  close(): void | Promise<void> {
    return this.open?.cleanUp();
  }
}
