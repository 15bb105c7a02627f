import type { IncomingMessage, ServerResponse } from "node:http";
import type { App, Environ, Lifespan } from "@tsgi/core";
import { appOf, disposerOf, handle, limitsOf, trusting, type AdapterOptions } from "@tsgi/core/adapter";
import { NodeSource, type Setting } from "./request.ts";
import { NodeSink } from "./response.ts";

/** Options of `toListener`. */
export interface ListenerOptions extends AdapterOptions {
  /** Keys to add to the environ, such as REMOTE_USER from the host's session; `undefined` adds none. */
  environ?(req: IncomingMessage, res: ServerResponse): Partial<Environ>;
  /**
   * Who answers an error of the app that comes before its head has left: `"answer"` (the default) the gateway, with a
   * plain 500; `"next"` the host, by `next(error)`.
   */
  errors?: "answer" | "next";
}

/** A request listener for `http.createServer`, and middleware for Express and Connect. */
export type Listener = ((req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) => void) &
  Lifespan;

const KNOWN = ["limits", "errorLog", "trustedProxy", "environ", "errors"];

/**
 * Makes a request listener of an app, to stand in a Node server that exists already. Mounted by Express or Connect the
 * app sees the mount in SCRIPT_NAME; headers and cookies that the host has set survive. PATH_INFO is decoded and has no
 * dot segments, while a host matches the URL as it came: a guard belongs in front of the whole mount, or into the app.
 *
 * @param app the app, or a promise of it (a CommonJS host has no top-level await)
 * @throws TypeError for an unknown option or limit, or a `trustedProxy` that is none
 * @example server.use("/wiki", toListener(wiki, { environ: (req) => ({ REMOTE_USER: req.user?.id }) }));
 */
export function toListener(app: App | PromiseLike<App>, options: ListenerOptions = {}): Listener {
  for (const name of Object.keys(options))
    if (!KNOWN.includes(name))
      throw new TypeError(`toListener: option ${JSON.stringify(name)} is unknown; known are ${KNOWN.join(", ")}`);
  if (!["answer", "next", undefined].includes(options.errors))
    throw new TypeError(`toListener: errors is ${JSON.stringify(options.errors)}; "answer" or "next" is wanted`);
  const setting: Setting = {
    limits: limitsOf(options.limits),
    errorLog: options.errorLog,
    own: false,
    environ: options.environ,
    trust: trusting(options.trustedProxy),
  };
  const toNext = options.errors === "next";
  const served = appOf(app);
  const listener: Listener = (req, res, next) =>
    serveRequest(served, req, res, setting, toNext ? next : undefined, false);
  return Object.assign(listener, disposerOf(app));
}

/** One request, the same for our own server and inside a host. */
export function serveRequest(
  app: App,
  req: IncomingMessage,
  res: ServerResponse,
  setting: Setting,
  next: ((error?: unknown) => void) | undefined,
  awaited: boolean,
): void {
  void handle(app, setting.trust(new NodeSource(req, res, setting, awaited)), new NodeSink(req, res, setting, next));
}
