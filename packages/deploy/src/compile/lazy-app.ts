import type { App, Lifespan } from "@tsgi/core";
import { appOf, disposerOf } from "@tsgi/core/adapter";

/**
 * An app that is constructed inside its first request: a Worker may do no I/O before. Requests that come meanwhile wait
 * for the same construction; after one that failed the next request tries again.
 *
 * @param construct makes the app
 * @returns the app; its `[Symbol.asyncDispose]` disposes of what was constructed, if anything was
 */
export function lazyApp(construct: () => unknown): App & Required<Lifespan> {
  let ready: App | undefined;
  let coming: Promise<App> | undefined;
  const start = async (): Promise<App> => {
    // a construct that throws at once must not do so before `coming` is set
    await undefined;
    try {
      return (ready = appOf((await construct()) as App));
    } catch (error) {
      coming = undefined;
      throw error;
    }
  };
  const app: App = (environ, startResponse) => {
    if (ready !== undefined) return ready(environ, startResponse);
    if (coming === undefined) {
      coming = start();
      // workerd stops what a request began when its client leaves, and others wait for this
      environ["tsgi.wait_until"]?.(coming.catch(() => {}));
    }
    return coming.then((made) => made(environ, startResponse));
  };
  return Object.assign(app, {
    [Symbol.asyncDispose]: async () => {
      const made = await coming?.catch(() => undefined);
      await disposerOf(made)[Symbol.asyncDispose]?.();
    },
  });
}
