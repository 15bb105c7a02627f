import type { App, Lifespan, Server } from "@tsgi/core";
import { closing, parseListen, refuseUnknown, urlOf, type Address, type ServeOptions } from "@tsgi/core/adapter";
import { bun, type BunServeOptions } from "./bun.ts";
import { toBun } from "./handler.ts";

const KNOWN = ["host", "port", "listen", "tls", "signal", "grace", "limits", "errorLog", "trustedProxy"];

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
  refuseUnknown(options, KNOWN, "Bun");
  const address = parseListen(options);
  if (address.kind === "fd") throw new TypeError("serve: Bun cannot listen on a file descriptor (listen: fd)");
  const settings: BunServeOptions = toBun(app, options);
  if (address.kind === "unix") settings.unix = address.path;
  else {
    settings.hostname = address.host;
    settings.port = address.port;
  }
  if (options.tls !== undefined) settings.tls = options.tls;
  // ours is the limit, met when the app reads; Bun's own (128 MiB) would answer or cut before the app has run
  settings.maxRequestBodySize = Number.MAX_SAFE_INTEGER;
  const server = bun().serve(settings);
  const bound: Address = address.kind === "tcp" ? { ...address, port: server.port ?? address.port } : address;
  const end = {
    finish: () => server.stop(false),
    cut: async () => {
      const left = server.pendingRequests;
      await server.stop(true);
      return left;
    },
  };
  return { url: urlOf(bound, options.tls !== undefined), address: bound, ...closing(app, options, end) };
}
