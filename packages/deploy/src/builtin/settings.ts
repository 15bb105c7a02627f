import { SettingsError, type Schema, type SchemaIssue, type SchemaResult } from "@tsgi/core";
import type { Strings } from "./types.ts";

/**
 * A section's own settings, cast and checked.
 *
 * @throws SettingsError naming each setting that does not fit
 */
export function read<Output>(schema: Schema<unknown, Output>, given: object): Output {
  // the schemas of the built-ins are synchronous
  const result = schema["~standard"].validate(given) as SchemaResult<Output>;
  if (result.issues !== undefined) throw new SettingsError(result.issues);
  return result.value;
}

/** A schema for whoever checks a file: settings that are no table of names, by what is wrong with them. */
export function checkedBy(check: (localConf: Strings) => readonly SchemaIssue[]): Schema {
  const validate = (given: unknown): SchemaResult<unknown> => {
    const issues = check(given as Strings);
    return issues.length > 0 ? { issues } : { value: given };
  };
  return { "~standard": { version: 1, vendor: "tsgi", validate } };
}

/** What a step throws, as an issue of a setting. */
export function issueOf(key: string, step: () => unknown): SchemaIssue[] {
  try {
    step();
    return [];
  } catch (error) {
    return [{ message: (error as Error).message, path: [key] }];
  }
}
