// The front door under the condition `workerd`.
import type { App, Lifespan, Server } from "@tsgi/core";
import type { Address, ServeOptions } from "@tsgi/core/adapter";

export * from "@tsgi/core";
export * from "@tsgi/workers";
export { toWorker as toHandler } from "@tsgi/workers";
export type { ServeOptions };

/**
 * A Worker does not listen, its platform does: here so that a program for all runtimes still builds.
 *
 * @throws (rejects) always, an Error that says what to write instead
 * @example export default toWorker(hello); // in place of serve(hello)
 */
export function serve(
  _app: App | PromiseLike<App>,
  _options: ServeOptions = {},
): Promise<Server & Required<Lifespan> & { address: Address }> {
  return Promise.reject(
    new Error("serve: a Worker does not listen; write `export default toWorker(app)`, and workerd serves that"),
  );
}
