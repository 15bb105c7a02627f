import { InputError, type App, type Body, type Chunk, type Environ, type Middleware } from "@tsgi/core";

const encoder = new TextEncoder();
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * A filter that writes one line for each request once its answer is over, in the form of wsgiref and the common log
 * format: `127.0.0.1 - - [14/May/2021 13:06:04] "GET / HTTP/1.1" 200 12`. What the client sent is escaped. An answer
 * that the gateway gives in the app's place (a 500) has `-` for its size.
 *
 * @param write takes a line without its end; default console.log
 * @example pipeline([accessLog()], app)
 */
export function accessLog(write: (line: string) => void = console.log): Middleware {
  return (app): App =>
    async (environ, startResponse) => {
      const entry = new Entry(environ, write);
      let body: Body;
      try {
        body = await app(environ, (status, headers, error) => {
          const send = startResponse(status, headers, error);
          entry.status = status.slice(0, 3);
          return (chunk) => {
            const sent = send(chunk);
            entry.add(chunk);
            return sent;
          };
        });
      } catch (error) {
        entry.fail(error);
        entry.end();
        throw error;
      }
      if (isStream(body)) return new LoggedBody(body, entry);
      // one chunk in an array stays that: its length becomes the Content-Length
      entry.addWhole(body);
      entry.end();
      return body;
    };
}

/** What is read as it comes. One chunk in an array is whole, and a string or bytes are for the gateway to refuse. */
function isStream(body: Body): boolean {
  if (typeof body !== "object" || body === null || body instanceof Uint8Array) return false;
  return !Array.isArray(body) || body.length > 1 || "close" in body;
}

/** One line in the making. */
class Entry {
  status: string | undefined = undefined;
  private size = 0;
  private readonly who: string;
  private readonly line: string;
  private readonly method: string;
  private readonly write: (line: string) => void;

  constructor(environ: Environ, write: (line: string) => void) {
    const { REMOTE_ADDR, REMOTE_USER, REQUEST_METHOD, REQUEST_URI, SERVER_PROTOCOL } = environ;
    this.who = `${visible(REMOTE_ADDR ?? "-")} - ${visible(REMOTE_USER ?? "-")}`;
    this.line = visible(`${REQUEST_METHOD} ${REQUEST_URI} ${SERVER_PROTOCOL}`);
    this.method = REQUEST_METHOD;
    this.write = write;
  }

  add(chunk: Chunk): void {
    this.size += typeof chunk === "string" ? encoder.encode(chunk).length : chunk.length;
  }

  /** An array of at most one chunk; of an answer that has no body nothing is sent. */
  addWhole(body: unknown): void {
    const [chunk] = Array.isArray(body) ? body : [null];
    if (this.status === undefined || !(chunk === undefined || typeof chunk === "string" || chunk instanceof Uint8Array))
      this.fail(undefined);
    else if (chunk !== undefined && this.method !== "HEAD" && !/^(?:204|205|304)/.test(this.status)) this.add(chunk);
  }

  /** The app failed: as long as nothing was sent the gateway answers with an error of its own. */
  fail(error: unknown): void {
    if (this.size > 0) return;
    this.status = error instanceof InputError ? String(error.status) : "500";
    this.size = NaN;
  }

  end(): void {
    if (this.status === undefined) this.fail(undefined);
    const size = Number.isNaN(this.size) ? "-" : this.size;
    this.write(`${this.who} [${stamp(new Date())}] "${this.line}" ${this.status} ${size}`);
  }
}

/** The app's body, counted on its way; `close` is called once whatever happens, and that ends the entry. */
class LoggedBody implements AsyncIterable<Chunk> {
  private readonly body: Body;
  private readonly entry: Entry;

  constructor(body: Body, entry: Entry) {
    this.body = body;
    this.entry = entry;
  }

  [Symbol.asyncIterator](): AsyncIterator<Chunk> {
    const { body, entry } = this;
    const iterator = Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
    return {
      async next() {
        try {
          const step = await iterator.next();
          if (step.done !== true) entry.add(step.value);
          return step;
        } catch (error) {
          entry.fail(error);
          throw error;
        }
      },
      async return() {
        await iterator.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  async close(): Promise<void> {
    const body = this.body as Body & Partial<AsyncDisposable>;
    try {
      await (typeof body.close === "function" ? body.close() : body[Symbol.asyncDispose]?.());
    } finally {
      this.entry.end();
    }
  }
}

/** Quotes, backslashes, controls and everything beyond ASCII as escapes: one request, one line, whatever was sent. */
function visible(text: string): string {
  return text.replace(/["\\]|[^\x20-\x7e]/g, (char) =>
    char === '"' || char === "\\" ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

const two = (part: number): string => String(part).padStart(2, "0");

function stamp(now: Date): string {
  const day = `${two(now.getDate())}/${MONTHS[now.getMonth()]}/${now.getFullYear()}`;
  return `${day} ${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
}
