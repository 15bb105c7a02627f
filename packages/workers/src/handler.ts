import type { App, Lifespan } from "@tsgi/core";
import { appOf, disposerOf, handle, limitsOf, type AdapterOptions } from "@tsgi/core/adapter";
import { WorkerSource, type Setting, type WorkerContext } from "./request.ts";
import { WorkerSink } from "./response.ts";

/** What `toWorker` gives: a Worker's default export, or the part of one that answers requests. */
export interface WorkerHandler<Env> extends Lifespan {
  fetch(request: Request, env: Env, ctx: WorkerContext): Response | Promise<Response>;
}

/** Milliseconds that an answer may take before its client is listened for: half of a small answer's cost in workerd. */
const PATIENCE = 10;

/** Milliseconds that an app has for its own clean-up once the client has left. */
const GRACE = 5000;

/**
 * An exchange that is under way. workerd stops all JavaScript when the client leaves, clean-up included, unless
 * something is waited for; and what waits for neither a timer nor a connection it takes for hung.
 */
function keepAlive(done: Promise<void>, source: WorkerSource, sink: WorkerSink): Promise<void> {
  return new Promise((resolve) => {
    let hasLeft = false;
    let timer = setTimeout(() => {
      timer = setInterval(() => {}, 60_000);
      source.listen();
    }, PATIENCE);
    const end = (): void => {
      // who leaves after the end leaves nothing to wait for
      source.left = sink.left = undefined;
      clearTimeout(timer);
      resolve();
    };
    source.left = sink.left = () => {
      hasLeft = true;
      clearTimeout(timer);
      timer = setTimeout(end, GRACE);
    };
    void done.then(() => {
      if (!hasLeft) end();
    });
  });
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
      const done = handle(served, source, sink);
      if (done !== undefined) ctx.waitUntil(keepAlive(done, source, sink));
      return sink.result;
    },
    ...disposerOf(app),
  };
}
