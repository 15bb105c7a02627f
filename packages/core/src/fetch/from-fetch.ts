import { isPromise } from "../body.ts";
import type { App, Body, Environ, FetchApp, StartResponse } from "../contract.ts";
import { standingOf, type Standing } from "../environ.ts";
import type { Incoming } from "../incoming.ts";
import { canCarry, requestOfEnviron } from "../request.ts";
import { reportError } from "../report.ts";
import { isPlain } from "../target.ts";
import { encodePath, originOf } from "../uri.ts";
import { ResponseBody, wasSent } from "./response-body.ts";

/** A handler as `fromFetch` takes it: gets the Request and the environ it stands for. */
export type FetchHandler = (request: Request, environ: Environ) => Response | Promise<Response>;

/** Options of `fromFetch`. */
export interface FromFetchOptions {
  /**
   * What the Request's URL shows under a mount: `"mounted"` (the default) is scheme, host and PATH_INFO, as `hono.mount`
   * gives it; `"full"` is the whole.
   */
  path?: "mounted" | "full";
}

/** On the Request itself: a WeakMap of as many entries as there are requests costs Deno a quarter of its speed. */
const ENVIRON: unique symbol = Symbol("the environ of a Request");
type Handed = Request & { [ENVIRON]?: Environ };

/**
 * Makes an app of a fetch handler, or of a Hono, h3 or Elysia app or a Worker's default export. Pass the app itself,
 * `fromFetch(app)`, not `app.fetch`: only then does it get its bindings and context.
 *
 * @param handler `(request, environ) => Response`, or an object with `fetch`, called as
 *   `fetch(request, environ["tsgi.bindings"], { waitUntil, passThroughOnException })`
 * @throws TypeError when the handler is neither
 * @example urlmap({ "/": hello, "/api": fromFetch(api) })
 */
export function fromFetch(handler: FetchHandler | FetchApp, options: FromFetchOptions = {}): App {
  const call = callerOf(handler);
  const full = options.path === "full";
  return (environ, startResponse) => {
    const method = environ.REQUEST_METHOD;
    if (method !== "GET" && !canCarry(method)) {
      startResponse("501 Not Implemented", [["Content-Type", "text/plain; charset=utf-8"]]);
      return [`The method ${method} cannot be served here.\n`];
    }
    const standing = standingOf(environ);
    const request: Handed = requestFor(environ, standing, full);
    request[ENVIRON] = environ;
    if (standing !== undefined && method !== "GET") standing.incoming.handed = request;
    const response = call(request, environ);
    return isPromise(response)
      ? Promise.resolve(response as Promise<Response>).then((value) => answer(value, environ, startResponse, standing))
      : answer(response as Response, environ, startResponse, standing);
  };
}

/**
 * The environ of a Request that `fromFetch` handed over: how a fetch handler reaches SCRIPT_NAME, bindings or a
 * filter's keys. `undefined` for any other Request, a copy or clone included.
 *
 * @example app.get("/", (c) => c.text(String(environOf(c.req.raw)?.SCRIPT_NAME)))
 */
export function environOf(request: Request): Environ | undefined {
  return (request as Handed)[ENVIRON];
}

function callerOf(handler: FetchHandler | FetchApp): FetchHandler {
  if (typeof (handler as Partial<FetchApp> | null | undefined)?.fetch === "function") {
    const app = handler as FetchApp;
    return (request, environ) => app.fetch(request, environ["tsgi.bindings"], new Context(environ));
  }
  if (typeof handler === "function") return handler;
  throw new TypeError("fromFetch: a function (request, environ) => Response or an object with fetch is wanted");
}

/** What a Worker's handler is called with as its third argument. */
class Context {
  private readonly environ: Environ;

  constructor(environ: Environ) {
    this.environ = environ;
  }

  waitUntil(promise: PromiseLike<unknown>): void {
    const { environ } = this;
    const keep = environ["tsgi.wait_until"];
    if (keep !== undefined) keep(promise);
    // a process outlives its requests by itself; what fails is still said
    else Promise.resolve(promise).then(undefined, (error) => reportError(environ["tsgi.errors"], error, "waitUntil"));
  }

  passThroughOnException(): void {}
}

/** A path that the URL standard would resolve, and Deno and workerd hand over as it came. */
const UNRESOLVED = /\\|\/(?:\.|%2e){1,2}(?:[/?]|$)/i;

function isResolved(path: string): boolean {
  return isPlain(path) || !UNRESOLVED.test(path);
}

/** The original Request while it tells the truth, else one that does. */
function requestFor(environ: Environ, standing: Standing | undefined, full: boolean): Request {
  if (standing !== undefined && !standing.changed) {
    const { incoming, inPlace } = standing;
    const { source } = incoming;
    const asItCame = inPlace && source.mount === undefined && isResolved(source.target);
    if (asItCame) return counted(incoming, incoming.request);
    const shown = shownPath(environ, full);
    // a router that reads the URL must see the path that a guard saw in PATH_INFO
    const same = shown === incoming.scriptName + incoming.path && isResolved(incoming.rawPath);
    return same ? counted(incoming, incoming.request) : moved(incoming, urlFor(environ, shown));
  }
  return requestOfEnviron(environ, urlFor(environ, shownPath(environ, full)));
}

function shownPath(environ: Environ, full: boolean): string {
  return full ? environ.SCRIPT_NAME + environ.PATH_INFO : environ.PATH_INFO;
}

function urlFor(environ: Environ, shown: string): string {
  const path = shown === "" ? "/" : encodePath(shown);
  const query = environ.QUERY_STRING;
  return `${originOf(environ)}${path.startsWith("/") ? path : `/${path}`}${query === "" ? "" : `?${query}`}`;
}

function moved(incoming: Incoming, url: string): Request {
  const { source } = incoming;
  if (source.hasRequest !== true)
    return source.request({
      url,
      // when it is wanted: to ask for it is to have the answer watched to its end
      get signal() {
        return incoming.signal;
      },
      get input() {
        return incoming.input;
      },
    });
  return new Request(url, counted(incoming, incoming.request));
}

/** A body of unknown length, or one beyond the limit, is read through `tsgi.input`, which counts. */
function counted(incoming: Incoming, request: Request): Request {
  const { source } = incoming;
  if (source.hasRequest !== true || source.method === "GET" || source.method === "HEAD") return request;
  const payload = source.payload();
  if (payload === null || (payload.length !== undefined && payload.length <= source.limits.body)) return request;
  if (request.bodyUsed || incoming.inputIfMade?.started === true) return request;
  const init: RequestInit & { duplex: "half" } = { body: incoming.input.stream(), duplex: "half" };
  return new Request(request, init);
}

/** On Bun who asks for a body loses its type, on Deno a fifth of the speed: there a locked one is met when it is sent. */
function mayLook(environ: Environ, standing: Standing | undefined): boolean {
  const runtime = standing?.incoming.source.runtime ?? environ["tsgi.runtime"];
  return runtime !== "bun" && runtime !== "deno";
}

function answer(
  response: unknown,
  environ: Environ,
  startResponse: StartResponse,
  standing: Standing | undefined,
): Body {
  // checked by shape: a Response of another realm or a polyfill is one too. Its headers are not asked for: on Deno a
  // Response of which both body and headers were asked for goes out chunked, without its length
  const some = response as Partial<Response> | null | undefined;
  if (typeof some !== "object" || some === null || typeof some.status !== "number" || typeof some.text !== "function")
    throw new TypeError("fromFetch: the handler did not return a Response");
  const looks = mayLook(environ, standing);
  if (some.bodyUsed === true || wasSent(response as Response) || (looks && some.body?.locked === true))
    throw new TypeError("fromFetch: the handler returned a Response whose body was already read; return a clone");
  const body = new ResponseBody(response as Response, looks);
  // with nobody in between, status line and fields are not read; 0 and 101 are no statuses of an answer
  const incoming = some.status < 200 || body.isAppended ? undefined : standing?.incoming;
  if (incoming?.passes(startResponse, body) !== true) startResponse(body.line, body.list);
  return body;
}
