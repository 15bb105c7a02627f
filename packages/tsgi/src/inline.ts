import * as core from "@tsgi/core";
import type { App } from "@tsgi/core";
import { Failure } from "./failure.ts";

/**
 * The app of `-e CODE`: an expression of JavaScript, in which every name of `tsgi` is known, and `app` is the one that
 * the command names, if it names one.
 *
 * @throws (rejects) Failure for what is no app
 * @example inline('(environ, startResponse) => { startResponse("200 OK", []); return ["Hello"]; }', undefined)
 */
export async function inline(code: string, app: App | undefined): Promise<App> {
  const scope: Record<string, unknown> = { ...core, app };
  const names = Object.keys(scope).filter((name) => name !== "default");
  let made: unknown;
  try {
    // what the user types at his own terminal, which is his to run
    // oxlint-disable-next-line no-new-func
    const evaluate = new Function(...names, `"use strict"; return (async () => (${code}\n))();`) as (
      ...values: unknown[]
    ) => Promise<unknown>;
    made = await evaluate(...names.map((name) => scope[name]));
  } catch (cause) {
    throw new Failure(`-e: ${String(cause)}`, { cause });
  }
  if (typeof made !== "function")
    throw new Failure(
      `-e: an expression that is an app was expected, "(environ, startResponse) => …", and this is ${made === null ? "null" : typeof made}`,
    );
  return made as App;
}
