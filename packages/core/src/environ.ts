import type { Environ, Input } from "./contract.ts";
import { COSTLY, HIDDEN, type Incoming } from "./incoming.ts";

// The environ is one Proxy a request over a target that holds the source privately. Building the dictionary eagerly
// takes 11 % of a Node and 28 to 55 % of a Bun or Deno server's speed; a class with getters cannot be enumerated.
// Whatever is lazy is settled onto the target (ordinary, configurable properties) before keys are listed, deleted or
// defined: the Proxy invariants then never bite.

type Values = Record<string | symbol, unknown>;

const hasOwn = Object.prototype.hasOwnProperty;
const INSPECT = Symbol.for("nodejs.util.inspect.custom");
const DENO_INSPECT = Symbol.for("Deno.customInspect");

/** A property that no listing shows. */
const UNLISTED = { writable: true, configurable: true, enumerable: false };

/** Stands on the target for a value that is made when it is read. */
const LATER = Symbol("made when read");

/** What a log of ours never shows: whoever has these is the user. */
const SECRET = new Set(["HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_PROXY_AUTHORIZATION"]);

/** The keys that a Request is made of: once one has changed, the original Request no longer tells the truth. */
function isOfRequest(key: string): boolean {
  return (
    key.startsWith("HTTP_") ||
    key.startsWith("CONTENT_") ||
    key === "REQUEST_METHOD" ||
    key === "QUERY_STRING" ||
    key === "tsgi.url_scheme" ||
    key === "tsgi.input"
  );
}

class Dictionary {
  #incoming: Incoming;
  #proxy: Environ | undefined = undefined;
  /** Somebody has put something onto the target: until then every value is read from the request. */
  #own = false;
  /** Nothing is lazy any more but what HIDDEN and LATER say. */
  #settled = false;
  /** A key that a Request is made of was changed. */
  #changed = false;

  constructor(incoming: Incoming) {
    this.#incoming = incoming;
  }

  static of(incoming: Incoming): Environ {
    const target = new Dictionary(incoming);
    return (target.#proxy = new Proxy(target, traps) as unknown as Environ);
  }

  /** The dictionary behind an environ of ours, `undefined` for any other object. */
  static behind(environ: object): Dictionary | undefined {
    reached = undefined;
    if (#incoming in environ) return environ;
    void (environ as Values)[REACH];
    const target = reached as Dictionary | undefined;
    reached = undefined;
    // an object that inherits from an environ reaches its target too, but is not it
    return target !== undefined && target.#proxy === environ ? target : undefined;
  }

  static copy(from: Dictionary): Environ {
    const target = new Dictionary(from.#incoming);
    target.#settled = from.#settled;
    target.#own = from.#own;
    target.#changed = from.#changed;
    for (const key of Reflect.ownKeys(from)) {
      const property = Reflect.getOwnPropertyDescriptor(from, key) as PropertyDescriptor;
      // as a spread would: the copy of a frozen dictionary is an ordinary one
      if (property.configurable === false) property.configurable = true;
      if (property.writable === false) property.writable = true;
      Object.defineProperty(target, key, property);
    }
    return (target.#proxy = new Proxy(target, traps) as unknown as Environ);
  }

  static standing(target: Dictionary): Standing {
    const inPlace = !target.#own || (!hasOwn.call(target, "PATH_INFO") && !hasOwn.call(target, "SCRIPT_NAME"));
    return { incoming: target.#incoming, changed: target.#changed, inPlace };
  }

  static get(target: Dictionary, key: string | symbol): unknown {
    if (!target.#own && typeof key === "string") {
      const read = target.#incoming.read(key);
      if (read !== undefined) return read;
    }
    const value = (target as unknown as Values)[key];
    if (value !== undefined) return value === LATER ? target.#incoming.read(key as string) : value;
    if (typeof key !== "string" || hasOwn.call(target, key)) return undefined;
    if (target.#settled && !HIDDEN.has(key)) return undefined;
    return target.#incoming.read(key);
  }

  static set(target: Dictionary, key: string | symbol, value: unknown, receiver: unknown): boolean {
    // a write to Object.create(environ) is the child's own
    if (receiver !== target.#proxy) return Reflect.set(target, key, value, receiver);
    if (typeof key === "string" && isOfRequest(key) && !target.#changed && Dictionary.get(target, key) !== value)
      target.#changed = true;
    target.#own = true;
    if (HIDDEN.has(key as string)) return Reflect.defineProperty(target, key, { ...UNLISTED, value });
    return Reflect.set(target, key, value);
  }

  /** Sets a key that counts as no change of the request. */
  static put(target: Dictionary, key: string, value: unknown): void {
    target.#own = true;
    (target as unknown as Values)[key] = value;
  }

  static has(target: Dictionary, key: string | symbol): boolean {
    if (HIDDEN.has(key as string)) return Dictionary.get(target, key) !== undefined;
    if (key in target) return true;
    if (typeof key !== "string" || target.#settled) return false;
    return COSTLY.has(key) || target.#incoming.read(key) !== undefined;
  }

  /** Puts everything lazy onto the target; what costs something to make stays to be made. */
  static settle(target: Dictionary): void {
    if (target.#settled) return;
    target.#settled = true;
    target.#own = true;
    for (const key of target.#incoming.keys()) {
      if (hasOwn.call(target, key)) continue;
      const value = COSTLY.has(key) ? LATER : target.#incoming.read(key);
      if (value !== undefined) (target as unknown as Values)[key] = value;
    }
  }

  /** Makes the last lazy values too: what is frozen or redefined must be there, what is hidden with it. */
  static complete(target: Dictionary): void {
    Dictionary.settle(target);
    const values = target as unknown as Values;
    for (const key of COSTLY) if (values[key] === LATER) values[key] = target.#incoming.read(key);
    for (const key of HIDDEN)
      if (!hasOwn.call(target, key)) {
        const hidden = Dictionary.describe(target, key);
        if (hidden !== undefined) Reflect.defineProperty(target, key, hidden);
      }
  }

  static define(target: Dictionary, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    Dictionary.complete(target);
    if (typeof key === "string" && isOfRequest(key)) target.#changed = true;
    return Reflect.defineProperty(target, key, descriptor);
  }

  static delete(target: Dictionary, key: string | symbol): boolean {
    Dictionary.settle(target);
    if (typeof key === "string" && isOfRequest(key) && hasOwn.call(target, key)) target.#changed = true;
    if (HIDDEN.has(key as string)) return Reflect.defineProperty(target, key, { ...UNLISTED, value: undefined });
    return Reflect.deleteProperty(target, key);
  }

  static describe(target: Dictionary, key: string | symbol): PropertyDescriptor | undefined {
    if (HIDDEN.has(key as string) && !hasOwn.call(target, key)) {
      const value = target.#incoming.read(key as string);
      return value === undefined ? undefined : { ...UNLISTED, value };
    }
    Dictionary.settle(target);
    const found = Reflect.getOwnPropertyDescriptor(target, key);
    if (found?.value !== LATER) return found;
    const get = (): unknown => Dictionary.get(target, key);
    return { get, set: undefined, enumerable: true, configurable: true };
  }

  /** What console.log shows on Node and Bun, and by its other name on Deno, where `this` is the bare target. */
  static show(environ: object): Record<string, unknown> {
    const shown: Record<string, unknown> = {};
    const target = Dictionary.behind(environ);
    if (target !== undefined) Dictionary.settle(target);
    const values = (target ?? environ) as unknown as Values;
    for (const key of Object.keys(values)) {
      const value = values[key];
      shown[key] = value === LATER ? "[made when read]" : SECRET.has(key) ? "[not shown]" : value;
    }
    return shown;
  }
}

let reached: Dictionary | undefined;
const REACH = Symbol("the target behind an environ");

const traps: ProxyHandler<Dictionary> = {
  get(target, key) {
    if (key === REACH) {
      reached = target;
      return undefined;
    }
    return Dictionary.get(target, key);
  },
  set: (target, key, value, receiver) => Dictionary.set(target, key, value, receiver),
  has: (target, key) => Dictionary.has(target, key),
  deleteProperty: (target, key) => Dictionary.delete(target, key),
  ownKeys(target) {
    Dictionary.settle(target);
    return Reflect.ownKeys(target);
  },
  getOwnPropertyDescriptor: (target, key) => Dictionary.describe(target, key),
  defineProperty: (target, key, descriptor) => Dictionary.define(target, key, descriptor),
  preventExtensions(target) {
    Dictionary.complete(target);
    return Reflect.preventExtensions(target);
  },
};

// A dictionary inherits nothing: `environ.constructor`, `environ["__proto__"]` and `"toString" in environ` are plain data.
// Only the hooks by which runtimes print it, and JSON, are there, on a prototype of their own.
Object.setPrototypeOf(Dictionary.prototype, null);
delete (Dictionary.prototype as Partial<Dictionary> & { constructor?: unknown }).constructor;
Object.defineProperties(Dictionary.prototype, {
  [INSPECT]: {
    ...UNLISTED,
    value(this: object, _depth: unknown, options: unknown, inspect?: (value: unknown, options: unknown) => string) {
      const shown = Dictionary.show(this);
      return inspect === undefined ? shown : inspect(shown, options);
    },
  },
  [DENO_INSPECT]: {
    ...UNLISTED,
    value(this: object, inspect: (value: unknown, options: unknown) => string, options: unknown) {
      return inspect(Dictionary.show(this), options);
    },
  },
  toJSON: {
    ...UNLISTED,
    /** Data only: no Request, signal, stream or function; with `tsgi.native` JSON.stringify would throw, with bindings it would publish secrets. */
    value(this: Values) {
      const data: Values = Object.create(null);
      for (const key of Object.keys(this)) {
        if (COSTLY.has(key)) continue;
        const value = this[key];
        if (typeof value === "function" || (typeof value === "object" && value !== null && !isPlain(value))) continue;
        data[key] = value;
      }
      return data;
    },
  },
});

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return (
    Array.isArray(value) ||
    prototype === null ||
    (prototype === Object.prototype && !Object.values(value).some((part) => typeof part === "function"))
  );
}

/** The environ of one request; `extra` are keys that a host adds. */
export function makeEnviron(incoming: Incoming): Environ {
  const environ = Dictionary.of(incoming);
  const extra = incoming.source.extra;
  if (extra !== undefined)
    for (const [key, value] of Object.entries(extra)) if (value !== undefined) environ[key] = value;
  return environ;
}

/**
 * A copy of an environ that stays lazy: what a filter hands to a second app, so that neither sees the other's changes.
 * Costs 50 ns; `{ ...environ }` reads and builds everything and costs 6 to 14 µs.
 *
 * @param environ the environ, or any plain object of the same shape
 * @param changes keys to set on the copy; `undefined` deletes a key
 * @example const sub = copyEnviron(environ, { PATH_INFO: "/login", "app.original": environ.PATH_INFO });
 */
export function copyEnviron(environ: Environ, changes?: Partial<Environ>): Environ {
  const target = Dictionary.behind(environ);
  const copy: Environ = target === undefined ? copyPlain(environ) : Dictionary.copy(target);
  if (changes !== undefined)
    for (const key of Object.keys(changes)) {
      if (changes[key] === undefined) delete copy[key];
      else copy[key] = changes[key];
    }
  return copy;
}

/**
 * A copy on which `tsgi.input` is another view of the same body. That is no change of the request: a fetch handler further
 * in still gets the original Request.
 */
export function copyWithInput(environ: Environ, input: Input): Environ {
  const copy = copyEnviron(environ);
  const target = Dictionary.behind(copy);
  if (target === undefined) copy["tsgi.input"] = input;
  else Dictionary.put(target, "tsgi.input", input);
  return copy;
}

function copyPlain(environ: Environ): Environ {
  const copy: Environ = Object.create(null);
  for (const key of Object.keys(environ)) copy[key] = environ[key];
  for (const key of HIDDEN)
    if (environ[key] !== undefined) Object.defineProperty(copy, key, { ...UNLISTED, value: environ[key] });
  return copy;
}

/** What an environ of ours, or a copy of it, stands for. */
export interface Standing {
  readonly incoming: Incoming;
  /** A key that a Request is made of was changed. */
  readonly changed: boolean;
  /** PATH_INFO and SCRIPT_NAME are what the request says: nobody has set them, or settled them. */
  readonly inPlace: boolean;
}

/** `undefined` for an environ that somebody else made. */
export function standingOf(environ: Environ): Standing | undefined {
  const target = Dictionary.behind(environ);
  return target === undefined ? undefined : Dictionary.standing(target);
}
