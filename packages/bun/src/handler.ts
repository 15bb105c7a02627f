import type { App, Lifespan } from "@tsgi/core";
import { appOf, disposerOf, handle, limitsOf, trusting, type AdapterOptions } from "@tsgi/core/adapter";
import type { BunServer } from "./bun.ts";
import { BunSource, type Setting } from "./request.ts";
import { BunSink } from "./response.ts";

/** What `toBun` gives: a default export for `bun run`, and options for `Bun.serve`. */
export interface BunHandler extends Lifespan {
  fetch(request: Request, server: BunServer): Response | Promise<Response>;
  /** Bun's own error page shows source code to the client. */
  development: false;
  /** Outside development Bun shares a port with any other process of the same user, and a taken one goes unnoticed. */
  reusePort: false;
  maxRequestBodySize: number;
}

/**
 * Makes what `Bun.serve` takes and `bun run` serves.
 *
 * @param app the app, or a promise of it
 * @throws TypeError for an unknown limit, or a `trustedProxy` that is none
 * @example export default toBun(hello);
 */
export function toBun(app: App | PromiseLike<App>, options: AdapterOptions = {}): BunHandler {
  return makeHandler(app, options, { closing: false });
}

/** The handler of a server that may say that it closes. */
export function makeHandler(
  app: App | PromiseLike<App>,
  options: AdapterOptions,
  state: { readonly closing: boolean },
): BunHandler {
  const setting: Setting = { limits: limitsOf(options.limits), errorLog: options.errorLog };
  const trust = trusting(options.trustedProxy);
  const served = appOf(app);
  return {
    fetch(request, server) {
      const sink = new BunSink(request, server, state);
      void handle(served, trust(new BunSource(request, server, setting, sink)), sink);
      return sink.result;
    },
    development: false,
    reusePort: false,
    // ours is the limit, met when the app reads; Bun's own (128 MiB) would answer or cut before the app has run
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    ...disposerOf(app),
  };
}
