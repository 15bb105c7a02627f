import type { App, Lifespan } from "./contract.ts";
import { isPromise } from "./body.ts";

// Start-up is the async factory; `[Symbol.asyncDispose]()` is the other end, passed on by whatever is built of parts.

/** Runs the disposers of all parts, the first error last: every part gets its turn. */
export async function dispose(parts: readonly unknown[]): Promise<void> {
  let failed: { error: unknown } | undefined;
  for (const part of parts) {
    try {
      const whole = isPromise(part) ? await part : part;
      await (whole as Lifespan | null | undefined)?.[Symbol.asyncDispose]?.();
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed !== undefined) throw failed.error;
}

/** `{ [Symbol.asyncDispose] }` over parts, once however often it is called; empty when no part can have one. */
export function disposerOf(...parts: readonly unknown[]): Lifespan {
  if (!parts.some((part) => isPromise(part) || typeof (part as Lifespan | null)?.[Symbol.asyncDispose] === "function"))
    return {};
  let disposed: Promise<void> | undefined;
  return { [Symbol.asyncDispose]: () => (disposed ??= dispose(parts)) };
}

/** The app itself: of a promise, one that waits for it. A promise that rejects answers every request with its error. */
export function appOf(app: App | PromiseLike<App>): App {
  if (!isPromise(app)) {
    if (typeof app !== "function") throw new TypeError("an app is a function (environ, startResponse) => body");
    return app;
  }
  let ready: App | undefined;
  const coming = Promise.resolve(app).then((made) => (ready = appOf(made)));
  coming.catch(() => {}); // said to every request, and not as an unhandled rejection
  return (environ, startResponse) =>
    ready === undefined ? coming.then((made) => made(environ, startResponse)) : ready(environ, startResponse);
}
