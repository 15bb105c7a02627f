import { suggest } from "@tsgi/core/settings";
import { ConfigError, type Place } from "./error.ts";
import { quote } from "./quote.ts";

/** What a reference names, and what it is a member of. */
export interface Found {
  readonly value: unknown;
  readonly holder: unknown;
}

/**
 * The object that an attribute path leads to in a module.
 *
 * @param exports what the module exports; of a CommonJS module what stands on `default` counts too
 * @param written how a file names it, `./app.ts:makeApp`
 * @throws ConfigError (attribute) naming the step that is not there, and the nearest name
 */
export function attributesOf(
  exports: Readonly<Record<string, unknown>>,
  path: readonly string[],
  written: string,
  place: Place,
): Found {
  let value: unknown = exports;
  let holder: unknown;
  for (let i = 0; i < path.length; i++) {
    const name = path[i];
    let next = memberOf(value, name);
    if (next === undefined && i === 0) next = memberOf(exports.default, name);
    if (next === undefined) throw missing(i === 0 ? exports : value, path, i, written, place);
    holder = value;
    value = next;
  }
  return { value, holder: path.length > 1 ? holder : undefined };
}

function memberOf(value: unknown, name: string): unknown {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function missing(value: unknown, path: readonly string[], i: number, written: string, place: Place): ConfigError {
  // of `npm:package#name` the module is what a package says, and its colon is no attribute's
  const uri = /^(?:npm|egg|jsr):/i.test(written);
  const module = uri ? written : written.replace(/:[^:/\\]*$/, "");
  const where = uri ? `the module that ${quote(written)} leads to` : `module ${quote(module)}`;
  const name = path[i];
  const there = value !== null && (typeof value === "object" || typeof value === "function") ? Object.keys(value) : [];
  if (i === 0 && name === "default") {
    const names = there.length > 0 ? `; it exports ${there.join(", ")}${uri ? "" : `: '${module}:${there[0]}'`}` : "";
    return new ConfigError("attribute", `${where} has no default export${names}`, place);
  }
  const what = i === 0 ? where : `${quote(path.slice(0, i).join("."))} of ${where}`;
  const hint = suggest(name, there) || (there.length > 0 ? `; it has ${there.slice(0, 12).join(", ")}` : "");
  return new ConfigError("attribute", `${what} has no attribute ${quote(name)}${hint}`, place);
}
