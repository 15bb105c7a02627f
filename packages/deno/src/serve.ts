import type { App, Lifespan, Server } from "@tsgi/core";
import { closing, parseListen, refuseUnknown, urlOf, type Address, type ServeOptions } from "@tsgi/core/adapter";
import { deno, type DenoServeOptions } from "./deno.ts";
import { makeHandler } from "./handler.ts";

const KNOWN = ["host", "port", "listen", "tls", "signal", "grace", "limits", "errorLog", "trustedProxy"];

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
  refuseUnknown(options, KNOWN, "Deno");
  const address = parseListen(options);
  if (address.kind === "fd") throw new TypeError("serve: Deno cannot listen on a file descriptor (listen: fd)");
  const cutter = new AbortController();
  const handler = makeHandler(app, options, options.tls === undefined ? "http" : "https", () => {});
  const settings: DenoServeOptions = { signal: cutter.signal, onListen: handler.onListen };
  if (address.kind === "unix") settings.path = address.path;
  else {
    settings.hostname = address.host;
    settings.port = address.port;
  }
  if (options.tls !== undefined) Object.assign(settings, options.tls);
  // Deno has no count of its own requests
  let inFlight = 0;
  const counted = async (
    request: Request,
    answer: Response | Promise<Response>,
    done: Promise<void> | undefined,
  ): Promise<Response> => {
    inFlight++;
    void (done ?? Promise.resolve(answer)).then(
      () => inFlight--,
      () => inFlight--,
    );
    void request;
    return answer;
  };
  const server = deno().serve(settings, (request, info) =>
    counted(request, handler.fetch(request, info), info.completed),
  );
  const bound: Address = address.kind === "tcp" ? { ...address, port: server.addr.port ?? address.port } : address;
  const end = {
    finish: () => server.shutdown(),
    cut: () => {
      const left = inFlight;
      cutter.abort();
      return left;
    },
  };
  return { url: urlOf(bound, options.tls !== undefined), address: bound, ...closing(app, options, end) };
}
