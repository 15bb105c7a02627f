import { isPromise } from "../body.ts";
import type { App, Body, Environ } from "../contract.ts";
import { copyWithInput } from "../environ.ts";
import { disposerOf } from "../lifespan.ts";
import { watchBody } from "./body-rules.ts";
import { checkDictionary, checkEnviron, checkRequired } from "./environ-rules.ts";
import { refuse, show } from "./error.ts";
import { checkErrors, watchErrors } from "./errors-rules.ts";
import { Exchange } from "./exchange.ts";
import { watchInput } from "./input-rules.ts";
import { watchStart } from "./start-rules.ts";

/**
 * Stands between a server and an app, or between two filters, and checks that both keep to the contract, over time: the
 * environ, how `tsgi.input` and `tsgi.errors` are used, every call of `startResponse` and `write`, each chunk, and how the
 * body is read and closed. Changes nothing else. The rules are those of SPEC.md, which is printed from them.
 *
 * @param app the app to watch; it gets a copy of the environ that stays lazy
 * @returns an app that throws a ValidationError (a TypeError with the rule's id) where a rule is broken, and says in
 *   `tsgi.errors` what is legal and hardly meant, and which body nobody closed
 * @throws TypeError when `app` is no function
 * @example export default toBun(validator(app));
 */
export function validator(app: App): App {
  if (typeof app !== "function")
    throw new TypeError(`validator: the app is ${show(app)}; a function (environ, startResponse) => body is wanted`);
  const watched = (...args: unknown[]): Body | Promise<Body> => {
    /// S1. An application is called with two arguments and no more: the environ and `startResponse`, a function.
    if (args.length !== 2 || typeof args[1] !== "function")
      refuse("S1", `the app was called with (${args.map(show).join(", ")}); (environ, startResponse) is wanted`);
    const [environ, startResponse] = args;
    checkDictionary(environ);
    checkRequired(environ);
    const errors: unknown = environ["tsgi.errors"];
    checkErrors(errors);
    const copy: Environ = copyWithInput(environ, watchInput(environ["tsgi.input"]));
    copy["tsgi.errors"] = watchErrors(errors);
    // a key that no listing shows, an inherited one perhaps, is in no copy
    checkRequired(copy);
    checkEnviron(copy, errors);
    const exchange = new Exchange(copy.REQUEST_METHOD, errors);
    const body: unknown = app(copy, watchStart(startResponse as Parameters<App>[1], exchange));
    return isPromise(body)
      ? Promise.resolve(body).then((late) => watchBody(late, exchange))
      : watchBody(body, exchange);
  };
  return Object.assign(watched, disposerOf(app));
}
