import { quote } from "../grammar.ts";
import { refuse } from "./error.ts";

/**
 * An object that shows the given methods and nothing else of the real one. What the real one does not have either reads
 * as `undefined`, so that asking what something can do stays harmless.
 */
export function guard<T extends object>(real: T, methods: Readonly<Record<PropertyKey, unknown>>, what: Guarded): T {
  // over an object of its own: a Proxy over a frozen server object could not show anything else. No plain one: a listing
  // as JSON leaves it out, as it does the real one
  return new Proxy(Object.create({}) as T, {
    get(_target, key) {
      if (Object.hasOwn(methods, key)) return methods[key];
      if (typeof key === "symbol" || key in Object.prototype) return Reflect.get(real, key, real);
      if (key in real)
        refuse(what.rule, `${what.name}.${quote(key).slice(1, -1)} was used; an app may use ${what.wanted}`);
      return undefined;
    },
    has: (_target, key) => Object.hasOwn(methods, key) || (typeof key === "symbol" && key in real),
  });
}

export interface Guarded {
  readonly rule: string;
  readonly name: string;
  readonly wanted: string;
}
