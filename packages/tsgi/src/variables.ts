import { UsageError } from "./failure.ts";

/**
 * The `name=value` arguments of a command, which are variables of the configuration file.
 *
 * @throws UsageError in `paster`'s words for one without `=`
 * @example variablesOf(["port=8080"]); // { port: "8080" }
 */
export function variablesOf(given: readonly string[]): Record<string, string> {
  const variables = Object.create(null) as Record<string, string>;
  for (const text of given) {
    const equals = text.indexOf("=");
    if (equals === -1) throw new UsageError(`Variable assignment '${text}' invalid (no "=")`);
    variables[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return variables;
}
