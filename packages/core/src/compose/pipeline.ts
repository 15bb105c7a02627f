import type { App, Middleware } from "../contract.ts";
import { disposerOf } from "../lifespan.ts";

/**
 * Wraps an app in filters; the first filter is the outermost, as in `pipeline = log auth app` of a configuration file.
 *
 * @returns the wrapped app; it carries the `[Symbol.asyncDispose]` of the app and of the filters
 * @throws TypeError when a filter is no function or gives no app
 * @example pipeline([log, auth], app) // log(auth(app))
 */
export function pipeline(filters: readonly Middleware[], app: App): App {
  if (typeof app !== "function") throw new TypeError(`pipeline: ${typeof app} is no app`);
  let whole = app;
  let carrier: App | undefined = Symbol.asyncDispose in app ? app : undefined;
  for (let i = filters.length - 1; i >= 0; i--) {
    if (typeof filters[i] !== "function") throw new TypeError(`pipeline: filter ${i} is no function (app) => app`);
    whole = filters[i](whole);
    if (typeof whole !== "function")
      throw new TypeError(`pipeline: filter ${i} gave ${typeof whole}; an app is wanted`);
    if (Symbol.asyncDispose in whole) carrier = whole;
  }
  // a layer that carries a disposer answers for what it wraps; filters may hold something themselves
  const disposer = disposerOf(carrier, ...filters);
  if (whole === carrier && !filters.some((filter) => Symbol.asyncDispose in filter)) return whole;
  if (Object.getOwnPropertySymbols(disposer).length === 0) return whole;
  const outer = whole;
  return Object.assign(((environ, startResponse) => outer(environ, startResponse)) as App, disposer);
}
