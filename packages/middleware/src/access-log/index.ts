/**
 * A line for each request, as Apache writes it: from code `accessLog({ format: "common" })(app)`, from a file
 * `use = npm:@tsgi/middleware#access-log`.
 *
 * @module
 */
import {
  defineFilter,
  type App,
  type Body,
  type Chunk,
  type Defined,
  type Environ,
  type ErrorLog,
  type HeaderList,
  type Middleware,
  type StartResponse,
  type Write,
} from "@tsgi/core";
import { disposerOf, isPromise, reportError } from "@tsgi/core/adapter";
import { asText, settingsSchema } from "@tsgi/core/settings";
import { compileFormat, type Ended } from "./format.ts";
import { openLines, type LineFile } from "./line-file.ts";
import { statusOf } from "../thrown.ts";
import { watchBody } from "../watch-body.ts";

/** What `accessLog` takes. */
export interface AccessLogSettings {
  /** `common`, `combined`, `json`, or a format of Apache's: `'%h "%r" %>s %{ms}T'`. Default `combined`. */
  readonly format?: string | undefined;
  /**
   * Where lines go: a file, `"-"` for standard output, or a function. Default what the deployment has set up
   * (`environ["tsgi.access_log"]`), else standard output.
   */
  readonly to?: string | ((line: string) => void) | undefined;
}

const SETTINGS = settingsSchema({
  format: { cast: (value) => compileFormat(asText(value)), default: compileFormat("combined") },
  to: {
    cast: (value): string | ((line: string) => void) =>
      typeof value === "function" ? (value as (line: string) => void) : asText(value),
  },
});

/**
 * Writes a line for each request once its answer has ended, however it ended. Nothing that a client sends can make two
 * lines of one.
 *
 * @returns the filter; it carries the disposer that closes its file
 * @throws SettingsError for a format with an unknown directive; the system's error for a file that cannot be opened
 * @example export default toBun(accessLog({ format: "common" })(app));
 */
export const accessLog: Defined<AccessLogSettings, Middleware> = defineFilter({
  settings: SETTINGS,
  create: ({ format, to }): Middleware => {
    const file = typeof to === "string" && to !== "-" ? openLines(to) : undefined;
    const write = writerOf(to, file);
    const filter: Middleware = (app) => {
      const logged: App = (environ, startResponse) => {
        const began = performance.now();
        const end = format(environ, new Date());
        const sink = write ?? lineOf(environ["tsgi.access_log"]);
        const record = new Record(environ, startResponse, began, (ended) => sink(end(ended)));
        const watch = (body: Body): Body => watchBody(body, record);
        const failed = (error: unknown): never => {
          record.failed(error);
          throw error;
        };
        try {
          const body = app(environ, (status, headers, error) => {
            const send = startResponse(status, headers, error);
            record.head(status, headers as HeaderList);
            return record.counting(send);
          });
          // a thenable's own `then` may return nothing
          return isPromise(body) ? Promise.resolve(body).then(watch, failed) : watch(body);
        } catch (error) {
          return failed(error);
        }
      };
      return Object.assign(logged, disposerOf(app));
    };
    return file === undefined ? filter : Object.assign(filter, { [Symbol.asyncDispose]: () => file.close() });
  },
});

function writerOf(to: AccessLogSettings["to"], file: LineFile | undefined): ((line: string) => void) | undefined {
  if (typeof to === "function") return to;
  if (file !== undefined) return (line) => file.write(line);
  return to === "-" ? toConsole : undefined;
}

const toConsole = (line: string): void => console.log(line);

/** The deployment's own access log, where it has one. */
function lineOf(log: unknown): (line: string) => void {
  return typeof (log as Partial<ErrorLog> | undefined)?.write === "function"
    ? (line) => (log as ErrorLog).write(`${line}\n`)
    : toConsole;
}

const encoder = new TextEncoder();

/** One request while it is answered. */
class Record {
  private readonly environ: Environ;
  private readonly start: StartResponse;
  private readonly began: number;
  private readonly done: (ended: Ended) => void;
  /** The status line of the head, once there is one. */
  private line: string | undefined = undefined;
  private headers: HeaderList = [];
  private bytes = 0;
  private over = false;

  constructor(environ: Environ, start: StartResponse, began: number, done: (ended: Ended) => void) {
    this.environ = environ;
    this.start = start;
    this.began = began;
    this.done = done;
  }

  head(line: string, headers: HeaderList): void {
    this.line = line;
    this.headers = headers;
  }

  chunk(chunk: Chunk): void {
    if (this.environ.REQUEST_METHOD === "HEAD" || /^(?:20[45]|304)/.test(this.line ?? "")) return;
    this.bytes += typeof chunk === "string" ? encoder.encode(chunk).length : chunk.length;
  }

  counting(send: Write): Write {
    return (chunk) => {
      const sent = send(chunk);
      this.chunk(chunk);
      return sent;
    };
  }

  /** The app failed: while nothing has been sent the gateway answers by itself. */
  failed(error: unknown): undefined {
    if (!this.hasLeft()) this.line = String(statusOf(error));
    this.end();
  }

  refused(): void {
    this.failed(undefined);
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    const { environ, headers, bytes } = this;
    try {
      // a body without a head is answered 500, unless it was closed for a client that has left
      const status = this.line?.slice(0, 3) ?? (environ["tsgi.signal"].aborted ? "-" : "500");
      this.done({ environ, status, headers, bytes, milliseconds: performance.now() - this.began });
    } catch (error) {
      // a log that fails must not break an answer
      reportError(environ["tsgi.errors"], error, "access log");
    }
  }

  /**
   * Whether the client has got the head. A stream's leaves ahead of its first byte when that takes its time, and only the
   * gateway knows: it takes the same head once more while it holds it, and throws the error after that.
   */
  private hasLeft(): boolean {
    if (this.bytes > 0) return true;
    if (this.line === undefined) return false;
    try {
      this.start(this.line, this.headers, new Error("access log: has the head left?"));
      return false;
    } catch {
      return true;
    }
  }
}
