import { checkBody, isPromise, OpenBody, toBytes } from "../body.ts";
import type { App, Body, Bytes, Chunk, Environ, Header, HeaderList } from "../contract.ts";
import { disposerOf } from "../lifespan.ts";
import { reportError } from "../report.ts";
import { nextOf } from "../sink.ts";

/** What `mapResponse` changes; each part may be left out. */
export interface ResponseChange {
  /** Gets the status and a list of its own to change; returns the new head, or nothing for the one it was given. */
  head?(status: string, headers: HeaderList, environ: Environ): [string, HeaderList] | void;
  /** Gets each non-empty chunk as bytes; returns what to send instead (`""` for nothing), or nothing to keep it. */
  chunk?(chunk: Bytes, environ: Environ): Chunk | void;
  /** Called after the last chunk of a body that came to its end; returns a last chunk, or nothing. */
  end?(environ: Environ): Chunk | void;
}

/**
 * A filter that changes head or chunks and keeps everything else: `error`, `write`, `close`, the held head, and
 * back-pressure. Where `chunk` or `end` is given the app's Content-Length no longer holds and is taken out before
 * `head` sees the list.
 *
 * @example const loud: Middleware = (app) =>
 *   mapResponse(app, { chunk: (bytes) => new TextDecoder().decode(bytes).toUpperCase() });
 */
export function mapResponse(app: App, change: ResponseChange): App {
  const changesBody = change.chunk !== undefined || change.end !== undefined;
  const mapped: App = (environ, startResponse) => {
    const mapChunk = (chunk: Chunk): Chunk =>
      chunk.length === 0 ? chunk : (change.chunk?.(toBytes(chunk) as Bytes, environ) ?? chunk);
    const body = app(environ, (status, headers, error) => {
      let head: [string, readonly Readonly<Header>[]] = [status, headers];
      if (changesBody) head[1] = headers.filter(([name]) => name.toLowerCase() !== "content-length");
      if (change.head !== undefined) head = change.head(status, head[1].map(copyPair), environ) ?? head;
      const write = startResponse(head[0], head[1], error);
      return change.chunk === undefined ? write : (chunk) => write(mapChunk(chunk));
    });
    if (!changesBody) return body;
    return isPromise(body)
      ? Promise.resolve(body).then((value) => mapBody(value, change, environ))
      : mapBody(body as Body, change, environ);
  };
  return Object.assign(mapped, disposerOf(app));
}

const copyPair = (pair: Readonly<Header>): Header => [pair[0], pair[1]];

function mapBody(body: Body, change: ResponseChange, environ: Environ): Body {
  checkBody(body);
  return new MappedBody(body, change, environ);
}

class MappedBody implements AsyncIterable<Chunk> {
  private readonly open: OpenBody;
  private readonly change: ResponseChange;
  private readonly environ: Environ;
  private ended = false;

  constructor(body: Body, change: ResponseChange, environ: Environ) {
    this.open = new OpenBody(body, { report: (error) => reportError(environ["tsgi.errors"], error, "mapResponse") });
    this.change = change;
    this.environ = environ;
  }

  [Symbol.asyncIterator](): AsyncIterator<Chunk> {
    return {
      next: () => this.next(),
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  private async next(): Promise<IteratorResult<Chunk>> {
    if (this.ended) return { done: true, value: undefined };
    const bytes = (await nextOf(this.open)) as Bytes | null;
    if (bytes !== null) return { done: false, value: this.change.chunk?.(bytes, this.environ) ?? bytes };
    this.ended = true;
    const last = this.change.end?.(this.environ);
    return last === undefined ? { done: true, value: undefined } : { done: false, value: last };
  }

  close(): void | Promise<void> {
    return this.open.cleanUp();
  }
}
