import type { App, Lifespan, Server } from "@tsgi/core";
import {
  closing,
  LAST_CALL,
  parseListen,
  refuseUnknown,
  urlOf,
  type Address,
  type ServeOptions,
} from "@tsgi/core/adapter";
import { bun, type BunServeOptions } from "./bun.ts";
import { makeHandler } from "./handler.ts";

/**
 * Serves an app with Bun.serve.
 *
 * @param app the app, or a promise of it
 * @param options where to listen (default 127.0.0.1:8080), limits, grace; see `ServeOptions`
 * @returns once it listens: its url, its address, and `close()`
 * @throws (rejects) TypeError for an option it does not know, or that Bun cannot honour; the system's error when the
 *   address is in use
 * @example await using server = await serve(hello, { port: 8080 });
 */
export async function serve(
  app: App | PromiseLike<App>,
  options: ServeOptions = {},
): Promise<Server & Required<Lifespan> & { address: Address }> {
  refuseUnknown(options, "Bun");
  const address = parseListen(options);
  if (address.kind === "fd") throw new TypeError("serve: Bun cannot listen on a file descriptor (listen: fd)");
  const state = { closing: false };
  const settings: BunServeOptions = makeHandler(app, options, state);
  if (address.kind === "unix") settings.unix = address.path;
  else {
    settings.hostname = address.host;
    settings.port = address.port;
  }
  if (options.tls !== undefined) settings.tls = options.tls;
  const server = bun().serve(settings);
  const bound: Address = address.kind === "tcp" ? { ...address, port: server.port ?? address.port } : address;
  const end = {
    // a kept-alive connection is not cut at once: a request may be on its way already
    finish: async () => {
      state.closing = true;
      await new Promise((resolve) => setTimeout(resolve, LAST_CALL));
      await server.stop(false);
    },
    cut: async () => {
      const left = server.pendingRequests;
      await server.stop(true);
      return left;
    },
  };
  return { url: urlOf(bound, options.tls !== undefined), address: bound, ...closing(app, options, end) };
}
