import type { IncomingMessage, ServerResponse } from "node:http";
import type { App, Body, Bytes, Environ, HeaderList, Lifespan, StartResponse } from "@tsgi/core";
import { disposerOf, reportError } from "@tsgi/core/adapter";
import { ListenerBody } from "./from-listener-body.ts";
import { ListenerRequest } from "./from-listener-request.ts";
import { ListenerResponse, type Receiver } from "./from-listener-response.ts";
import { ListenerSocket } from "./from-listener-socket.ts";

/** A listener of node:http, or middleware that may hand on by `next`. */
export type ListenerFunction = {
  // a method, so that a framework's own Request and Response, which extend node's, are taken
  call(req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): unknown;
}["call"];

/**
 * What `fromListener` takes: a `(req, res)` listener, an Express or Connect app, a router of theirs, Koa's `callback()`,
 * an `http.Server`, a Fastify instance, or anything else with `handle(req, res)`.
 */
export type ListenerLike =
  | ListenerFunction
  | { handle: ListenerFunction }
  | { routing(req: IncomingMessage, res: ServerResponse): unknown; ready(): PromiseLike<unknown> }
  | { emit(event: "request", req: IncomingMessage, res: ServerResponse): unknown };

/** Options of `fromListener`. */
export interface FromListenerOptions {
  /**
   * What `req.url` shows under a mount: `"mounted"` (the default) is PATH_INFO and the query, with the mount in
   * `req.baseUrl` and the whole in `req.originalUrl`, as an app that Express has mounted sees it; `"full"` is the whole.
   */
  path?: "mounted" | "full";
}

const KNOWN = ["path"];

/**
 * Makes an app of a listener for node:http: an Express app stands in a urlmap, behind filters, on Node, Bun, Deno, and on
 * workerd with `nodejs_compat`. It sees what filters have made of the environ, and filters see its head and its chunks.
 * The environ is `req.environ`.
 *
 * What a router has no route for is a 404, as is `next()` of a bare listener; `next(error)`, a throw and a rejection go
 * to the gateway, as an app's own. An Express or Connect *app* answers both by itself.
 *
 * @throws TypeError when the listener is none, or for an unknown option
 * @example const whole = urlmap({ "/": fromListener(express), "/wiki": wiki });
 */
export function fromListener(listener: ListenerLike, options: FromListenerOptions = {}): App & Lifespan {
  for (const name of Object.keys(options))
    if (!KNOWN.includes(name))
      throw new TypeError(`fromListener: option ${JSON.stringify(name)} is unknown; known are ${KNOWN.join(", ")}`);
  if (!["mounted", "full", undefined].includes(options.path))
    throw new TypeError(`fromListener: path is ${JSON.stringify(options.path)}; "mounted" or "full" is wanted`);
  const call = callerOf(listener);
  const full = options.path === "full";
  const app: App = (environ, startResponse) => new Exchange(environ, startResponse, full).run(call);
  // a net.Server that was never asked to listen refuses to close
  return Object.assign(app, "listening" in listener ? {} : disposerOf(listener));
}

function callerOf(listener: ListenerLike): ListenerFunction {
  const some = listener as Partial<Record<"handle" | "routing" | "ready" | "emit" | "listen", unknown>> | null;
  if (typeof listener === "function")
    // an app has a last resort of its own, which it takes when nobody gives it another
    return typeof some?.listen === "function"
      ? (req, res) => (listener as (...given: unknown[]) => unknown)(req, res)
      : listener;
  if (typeof some === "object" && some !== null) {
    if (typeof some.routing === "function" && typeof some.ready === "function") {
      const fastify = listener as { routing: ListenerFunction; ready(): PromiseLike<unknown> };
      let ready: PromiseLike<unknown> | undefined;
      return async (req, res, next) => {
        await (ready ??= fastify.ready());
        return fastify.routing(req, res, next);
      };
    }
    if (typeof some.handle === "function")
      return (req, res, next) => (listener as { handle: ListenerFunction }).handle(req, res, next);
    if (typeof some.emit === "function")
      return (req, res, next) => {
        const server = listener as { emit(event: string, ...given: unknown[]): boolean };
        if (!server.emit("request", req, res)) next();
      };
  }
  throw new TypeError(
    `fromListener: ${some === null ? "null" : `a ${typeof listener}`} was given; a function (req, res), or an object with handle(req, res) or emit("request", req, res) is wanted`,
  );
}

/** One request of a listener's. */
class Exchange implements Receiver {
  readonly body: ListenerBody;
  private readonly environ: Environ;
  private readonly start: StartResponse;
  private readonly req: ListenerRequest;
  private readonly res: ListenerResponse;
  private readonly signal: AbortSignal;
  private resolve: (body: Body) => void = () => {};
  private reject: (error: unknown) => void = () => {};

  constructor(environ: Environ, start: StartResponse, full: boolean) {
    this.environ = environ;
    this.start = start;
    this.signal = environ["tsgi.signal"];
    const socket = new ListenerSocket(environ);
    this.req = new ListenerRequest(environ, socket, full);
    this.res = new ListenerResponse(this.req, this);
    this.body = new ListenerBody(() => this.res.destroy());
    const { req, res } = this;
    // what destroys the response is said elsewhere; what only happens to it, writing after the end, is said here
    res.on("error", (error) => {
      if (!res.destroyed) reportError(environ["tsgi.errors"], error, "a listener's response");
    });
    res.on("finish", () => req.dump());
    socket.on("close", () => res.destroy());
    socket.on("timeout", () => this.timeOut());
  }

  run(call: ListenerFunction): Promise<Body> {
    const leave = (): void => this.leave();
    const { signal, req, res } = this;
    if (signal.aborted) return Promise.reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    res.on("close", () => {
      signal.removeEventListener("abort", leave);
      // a timeout was for this answer: later it would meet one that is over
      req.socket.setTimeout(0);
    });
    return new Promise<Body>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      try {
        const done = call(req as unknown as IncomingMessage, res as unknown as ServerResponse, (error) =>
          this.next(error),
        );
        Promise.resolve(done).catch((error: unknown) => this.fail(error));
      } catch (error) {
        this.fail(error);
      }
    });
  }

  begin(status: string, headers: HeaderList, whole: Bytes | undefined): void {
    try {
      this.start(status, headers);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (whole === undefined) this.resolve(this.body);
    // known whole, it leaves in one write and with its length
    else this.resolve(Object.assign([whole], { close: () => this.body.close() }));
  }

  broken(error: Error | null): void {
    const why = this.signal.aborted
      ? this.signal.reason
      : (error ?? new Error("the listener destroyed its response before the end"));
    this.body.fail(why);
    this.reject(why);
    this.req.socket.destroy();
  }

  private next(error: unknown): void {
    const { res } = this;
    if (error !== undefined && error !== null) return this.fail(error);
    if (res.headersSent) return undefined;
    res.statusCode = 404;
    res.setHeader("Content-Type", "text/plain; charset=utf-8");
    res.end("Not Found");
    return undefined;
  }

  /** The listener has failed: before the head that is a 500, later it breaks the answer. */
  private fail(error: unknown): void {
    if (this.res.writableFinished || this.res.destroyed)
      return this.signal.aborted ? undefined : reportError(this.environ["tsgi.errors"], error, "a listener");
    this.reject(error ?? new Error(`the listener failed with ${String(error)}`));
    this.res.destroy(error instanceof Error ? error : new Error(`the listener failed with ${String(error)}`));
    return undefined;
  }

  /** The client has gone. */
  private leave(): void {
    const { req, res } = this;
    req.leave();
    res.destroy();
  }

  /** As node:http: whoever listens decides, else the connection ends. */
  private timeOut(): void {
    const { req, res } = this;
    const heard = [req.emit("timeout", req.socket), res.emit("timeout", req.socket)].includes(true);
    if (!heard && req.socket.listenerCount("timeout") <= 1) req.socket.destroy();
  }
}
