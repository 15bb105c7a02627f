// The front door where no condition names a runtime of ours: another runtime, or a bundler that was told none.
import { toFetch, type App, type Lifespan, type Server } from "@tsgi/core";
import { disposerOf, type AdapterOptions, type Address, type ServeOptions } from "@tsgi/core/adapter";

export * from "@tsgi/core";
export type { AdapterOptions, ServeOptions };

/** What runtimes that know Request and Response take as a default export. */
export interface FetchHandler extends Lifespan {
  fetch(request: Request): Promise<Response>;
}

/**
 * Makes what a runtime with Request and Response takes as a default export; what such a runtime passes beside the
 * Request is not looked at, and `toFetch` is there for whoever wants it.
 *
 * @param app the app, or a promise of it
 * @throws TypeError for an unknown limit
 * @example export default toHandler(hello);
 */
export function toHandler(app: App | PromiseLike<App>, options: AdapterOptions = {}): FetchHandler {
  const fetch = toFetch(app, options);
  return { fetch: async (request) => fetch(request), ...disposerOf(app) };
}

/**
 * Which server to start is not known here.
 *
 * @throws (rejects) always, an Error that says which conditions there are
 * @example await serve(hello); // under the export condition node, bun or deno
 */
export function serve(
  _app: App | PromiseLike<App>,
  _options: ServeOptions = {},
): Promise<Server & Required<Lifespan> & { address: Address }> {
  return Promise.reject(
    new Error(
      "serve: no server is known here; tsgi was resolved under none of the export conditions node, bun, deno and workerd",
    ),
  );
}
