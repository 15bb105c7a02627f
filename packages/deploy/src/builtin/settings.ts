import { SettingsError, type Schema, type SchemaResult } from "@tsgi/core";

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
