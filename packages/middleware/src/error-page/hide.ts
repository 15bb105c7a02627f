import type { Environ } from "@tsgi/core";

// What a page may show of an environ.

const SECRET = /AUTH|COOKIE|TOKEN|SECRET|PASSW|SESSION|API_?KEY|CREDENTIAL/i;

/** Making these costs something or begins something, and none of them is text. */
const UNREAD = new Set(["tsgi.input", "tsgi.errors", "tsgi.signal", "tsgi.request", "tsgi.bindings", "tsgi.native"]);

/**
 * The keys of an environ with values that can be shown, sorted: secrets are hidden (Authorization, Cookie and what is
 * named like one), and of bindings and other objects only their being there is told.
 */
export function shownEnviron(environ: Environ): [key: string, value: string][] {
  return Object.keys(environ)
    .sort()
    .map((key) => [key, valueOf(environ, key)]);
}

function valueOf(environ: Environ, key: string): string {
  if (SECRET.test(key)) return "(hidden)";
  if (UNREAD.has(key)) return "(not shown)";
  try {
    const value = environ[key];
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return Array.isArray(value) ? `[${value.map(String).join(", ")}]` : `(${typeof value})`;
  } catch {
    // an object without a prototype is no text, a getter throws
    return "(cannot be shown)";
  }
}
