import { ConfigError } from "../error.ts";
import { quote } from "../quote.ts";
import { at } from "./nodes.ts";

/** How a runtime's environment is read: `(name) => process.env[name]`. */
export type ReadVariable = (name: string) => unknown;

/**
 * Makes what a compiled module reads its variables with.
 *
 * @returns `(name, place, fallback)`, the variable's text; it throws a ConfigError that names the variable where neither
 *   the environment nor the file has it, and for a binding of Workers that is no text
 */
export function variables(
  read: ReadVariable,
): (name: string, place: string | undefined, fallback?: string | (() => string)) => string {
  return (name, place, fallback) => {
    const value = read(name) ?? (typeof fallback === "function" ? fallback() : fallback);
    if (typeof value === "string") return value;
    // wrangler's vars may be numbers and truth values
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    if (value === undefined)
      throw new ConfigError(
        "ini-interpolation-missing",
        `the environment variable ${quote(name)} is not set; %(env:${name}|text)s in the file would give a default`,
        { at: place === undefined ? undefined : at(place) },
      );
    throw new ConfigError("type", `the binding ${quote(name)} is no text: ${typeof value}`, {
      at: place === undefined ? undefined : at(place),
    });
  };
}
