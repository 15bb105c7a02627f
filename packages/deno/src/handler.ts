import type { App, Lifespan } from "@tsgi/core";
import { appOf, disposerOf, handle, limitsOf, trusting, type AdapterOptions, type Line } from "@tsgi/core/adapter";
import type { DenoAddress, DenoInfo } from "./deno.ts";
import { DenoSource, type Setting } from "./request.ts";
import { DenoSink } from "./response.ts";

/** What `toDeno` gives: a default export for `deno serve`, whose `fetch` is a handler for `Deno.serve`. */
export interface DenoHandler extends Lifespan {
  fetch(request: Request, info: DenoInfo): Response | Promise<Response>;
  /** How `deno serve` tells where it listens: the environ's SERVER_NAME and SERVER_PORT. */
  onListen(address: DenoAddress): void;
}

/**
 * Makes what `deno serve` takes, and what `Deno.serve` calls.
 *
 * @param app the app, or a promise of it
 * @throws TypeError for an unknown limit, or a `trustedProxy` that is none
 * @example export default toDeno(hello);
 */
export function toDeno(app: App | PromiseLike<App>, options: AdapterOptions = {}): DenoHandler {
  return makeHandler(app, options, "http", { closing: false }, (address) =>
    console.log(`Listening on http://${address.hostname ?? "localhost"}:${address.port ?? 80}/`),
  );
}

/** The handler of a server that may say that it closes, who is told where it listens, and where each answer stands that takes its time. */
export function makeHandler(
  app: App | PromiseLike<App>,
  options: AdapterOptions,
  scheme: string,
  state: { readonly closing: boolean },
  listening: (address: DenoAddress) => void,
  inFlight?: Line<DenoSink>,
): DenoHandler {
  const setting: Setting = { limits: limitsOf(options.limits), errorLog: options.errorLog, listener: undefined };
  const trust = trusting(options.trustedProxy);
  const served = appOf(app);
  return {
    fetch(request, info) {
      const sink = new DenoSink(state, inFlight);
      void handle(served, trust(new DenoSource(request, info, setting, sink)), sink);
      return sink.hand();
    },
    onListen(address) {
      const usual = scheme === "https" ? 443 : 80;
      setting.listener = { scheme, name: address.hostname ?? "localhost", port: String(address.port ?? usual) };
      listening(address);
    },
    ...disposerOf(app),
  };
}
