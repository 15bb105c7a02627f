import type { App, Lifespan, Server } from "@tsgi/core";
import {
  closing,
  LAST_CALL,
  Line,
  parseListen,
  refuseUnknown,
  urlOf,
  type Address,
  type ServeOptions,
} from "@tsgi/core/adapter";
import { deno, type DenoServeOptions } from "./deno.ts";
import { makeHandler } from "./handler.ts";
import type { DenoSink } from "./response.ts";

/**
 * Serves an app with Deno.serve.
 *
 * @param app the app, or a promise of it
 * @param options where to listen (default 127.0.0.1:8080), limits, grace; see `ServeOptions`
 * @returns once it listens: its url, its address, and `close()`
 * @throws (rejects) TypeError for an option it does not know, or that Deno cannot honour; the system's error when the
 *   address is in use
 * @example await using server = await serve(hello, { port: 8080 });
 */
export async function serve(
  app: App | PromiseLike<App>,
  options: ServeOptions = {},
): Promise<Server & Required<Lifespan> & { address: Address }> {
  refuseUnknown(options, "Deno");
  const address = parseListen(options);
  if (address.kind === "fd") throw new TypeError("serve: Deno cannot listen on a file descriptor (listen: fd)");
  // Deno has no count of its own requests, and once it shuts down no way to cut them (its `signal` throws then)
  const inFlight = new Line<DenoSink>();
  const state = { closing: false };
  const handler = makeHandler(app, options, options.tls === undefined ? "http" : "https", state, () => {}, inFlight);
  const settings: DenoServeOptions = { onListen: handler.onListen };
  if (address.kind === "unix") settings.path = address.path;
  else {
    settings.hostname = address.host;
    settings.port = address.port;
  }
  if (options.tls !== undefined) Object.assign(settings, options.tls);
  const server = deno().serve(settings, handler.fetch);
  const bound: Address = address.kind === "tcp" ? { ...address, port: server.addr.port ?? address.port } : address;
  let giveUp: (() => void) | undefined;
  const end = {
    finish: async () => {
      // a kept-alive connection is not cut at once: a request may be on its way already
      state.closing = true;
      await new Promise((resolve) => setTimeout(resolve, LAST_CALL));
      // a client that reads nothing keeps even a broken answer open: nobody waits for that
      await Promise.race([server.shutdown(), new Promise<void>((resolve) => (giveUp = resolve))]);
    },
    cut: () => {
      const left = inFlight.size;
      for (const sink of inFlight.takeAll()) sink.cut();
      setTimeout(() => giveUp?.(), 100);
      return left;
    },
  };
  return { url: urlOf(bound, options.tls !== undefined), address: bound, ...closing(app, options, end) };
}
