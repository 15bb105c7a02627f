import type { App, Lifespan } from "@tsgi/core";
import { appOf, disposerOf, handle, limitsOf, type AdapterOptions } from "@tsgi/core/adapter";
import { KeepAlive } from "./keep-alive.ts";
import { WorkerSource, type Setting, type WorkerContext } from "./request.ts";
import { WorkerSink } from "./response.ts";

/** What `toWorker` gives: a Worker's default export, or the part of one that answers requests. */
export interface WorkerHandler<Env> extends Lifespan {
  fetch(request: Request, env: Env, ctx: WorkerContext): Response | Promise<Response>;
}

/**
 * Makes a Worker's default export. Other handlers stand beside it: `{ ...toWorker(app), scheduled }`. The Worker needs
 * the compatibility flag `enable_request_signal`: without it nothing tells of a client that has left.
 *
 * @param app the app, or a promise of it
 * @throws TypeError for an unknown limit, and for `trustedProxy`: the peer of a Worker is Cloudflare's edge, which says
 *   itself who the client is (REMOTE_ADDR), and which scheme and host it asked for
 * @example export default toWorker<Env>(app);
 */
export function toWorker<Env = unknown>(app: App | PromiseLike<App>, options: AdapterOptions = {}): WorkerHandler<Env> {
  if (options.trustedProxy !== undefined)
    throw new TypeError("toWorker: trustedProxy has no meaning here; Cloudflare's edge says who the client is");
  const setting: Setting = { limits: limitsOf(options.limits), errorLog: options.errorLog };
  const served = appOf(app);
  return {
    fetch(request, env, ctx) {
      const sink = new WorkerSink(request.method);
      const source = new WorkerSource(request, env, ctx, setting);
      void handle(served, source, sink);
      if (!sink.over) sink.alive = new KeepAlive(ctx, source, sink);
      return sink.result;
    },
    ...disposerOf(app),
  };
}
