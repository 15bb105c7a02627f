import type { ErrorLog } from "../contract.ts";
import { quote } from "../grammar.ts";

/**
 * A rule of SPEC.md was broken: what the validator throws. The message names what was seen and what was wanted, and
 * `rule` is the rule's id.
 */
export class ValidationError extends TypeError {
  override readonly name = "ValidationError";
  /** The rule as SPEC.md numbers it: `S1` … for servers, `A1` … for applications, `F1` … for filters. */
  readonly rule: string;

  constructor(rule: string, message: string) {
    super(`${message} (SPEC.md, rule ${rule})`);
    this.rule = rule;
  }
}

/** Says that a rule is broken. */
export function refuse(rule: string, message: string): never {
  throw new ValidationError(rule, message);
}

/** Says in the server's log that something is legal and yet hardly meant. */
export function warn(errors: ErrorLog, rule: string, message: string): void {
  // a broken log must not break an answer, and it may be asynchronous
  void (async () => errors.write(`tsgi validator: ${message} (SPEC.md, rule ${rule})\n`))().catch(() => {});
}

/** A value made safe for a message: text quoted and escaped, everything else by its kind. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `the string ${quote(value)}`;
  if (typeof value === "number" || typeof value === "boolean") return `the ${typeof value} ${String(value)}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  let name: unknown;
  try {
    name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  } catch {
    // a getter or a Proxy that throws: an object is all that is known of it
  }
  return typeof name === "string" && name !== "" ? `an object of class ${quote(name).slice(1, -1)}` : "an object";
}
