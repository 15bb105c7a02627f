import type { App, Lifespan } from "./contract.ts";
import { isPromise } from "./body.ts";

// Start-up is the async factory; `[Symbol.asyncDispose]()` is the other end, passed on by whatever is built of parts.

const disposed = new WeakMap<object, Promise<void>>();

/** Runs the disposers of all parts, each part's once however many wholes it stands in, the first error last: every part gets its turn. */
export async function dispose(parts: readonly unknown[]): Promise<void> {
  let failed: { error: unknown } | undefined;
  for (const part of parts) {
    // a part whose making failed has nothing to let go of
    const whole: unknown = isPromise(part) ? await Promise.resolve(part).catch(() => undefined) : part;
    try {
      await disposeOnce(whole as (Lifespan & object) | null | undefined);
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed !== undefined) throw failed.error;
}

function disposeOnce(part: (Lifespan & object) | null | undefined): Promise<void> | undefined {
  if (typeof part?.[Symbol.asyncDispose] !== "function") return undefined;
  let done = disposed.get(part);
  if (done === undefined) {
    done = (async () => part[Symbol.asyncDispose]?.())();
    disposed.set(part, done);
  }
  return done;
}

/** `{ [Symbol.asyncDispose] }` over parts, once however often it is called; empty when no part can have one. */
export function disposerOf(...parts: readonly unknown[]): Lifespan {
  if (!parts.some((part) => isPromise(part) || typeof (part as Lifespan | null)?.[Symbol.asyncDispose] === "function"))
    return {};
  let all: Promise<void> | undefined;
  return { [Symbol.asyncDispose]: () => (all ??= dispose(parts)) };
}

/** The app itself: of a promise, one that waits for it. A promise that rejects answers every request with its error. */
export function appOf(app: App | PromiseLike<App>): App {
  if (!isPromise(app)) {
    if (typeof app !== "function")
      // without its plugin Bun, and a bundler told to copy files, make `import app from "./app.ini"` a path
      throw new TypeError(
        `an app is a function (environ, startResponse) => body${typeof app === "string" ? "; of an INI file: the plugin of @tsgi/deploy is missing" : ""}`,
      );
    return app;
  }
  let ready: App | undefined;
  const coming = Promise.resolve(app).then((made) => (ready = appOf(made)));
  coming.catch(() => {}); // said to every request, and not as an unhandled rejection
  return (environ, startResponse) =>
    ready === undefined ? coming.then((made) => made(environ, startResponse)) : ready(environ, startResponse);
}
