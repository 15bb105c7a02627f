import type { Schema, SchemaIssue, Settings } from "@tsgi/core";
import { shown } from "./convert.ts";
import { suggest } from "./nearest.ts";

/** What one setting is: how its value is read, and what it is when it is not given. */
export interface Field<Value> {
  /** Makes the value of what was given, text or the value itself; throws an Error that says what was expected. */
  readonly cast: (value: unknown) => Value;
  readonly default?: Value;
  readonly required?: boolean;
}

type Fields = Readonly<Record<string, Field<unknown>>>;

type Value<F> = F extends Field<infer V> ? V : never;

/** The settings once they are read: a field without a default may be absent. */
export type Read<F extends Fields> = {
  readonly [Key in keyof F]: F[Key] extends { readonly default: unknown } | { readonly required: true }
    ? Value<F[Key]>
    : Value<F[Key]> | undefined;
};

/** The settings as code gives them: text, or the value itself. */
export type Given<F extends Fields> = { readonly [Key in keyof F]?: Value<F[Key]> | string };

/**
 * A Standard Schema of settings given as text: each is cast, one that is unknown is refused with the nearest name.
 *
 * @param fields by name, what each setting is
 * @example const settings = settingsSchema({ port: { cast: (value) => asInt(value, { min: 0 }), default: 8080 } });
 */
export function settingsSchema<F extends Fields>(fields: F): Schema<Given<F>, Read<F>> {
  const validate = (given: unknown): ReturnType<Schema<Given<F>, Read<F>>["~standard"]["validate"]> => {
    if (typeof given !== "object" || given === null)
      return { issues: [{ message: "an object of settings is wanted" }] };
    const issues: SchemaIssue[] = [];
    const read: Record<string, unknown> = {};
    for (const key of Object.keys(given)) if (!Object.hasOwn(fields, key)) issues.push(unknownSetting(key, fields));
    for (const [key, field] of Object.entries(fields)) {
      const value = Object.hasOwn(given, key) ? (given as Settings)[key] : undefined;
      if (value !== undefined)
        try {
          read[key] = field.cast(value);
        } catch (error) {
          issues.push({ message: error instanceof Error ? error.message : String(error), path: [key] });
        }
      else if (field.required === true) issues.push({ message: "is missing; it has no default", path: [key] });
      else read[key] = field.default;
    }
    return issues.length > 0 ? { issues } : { value: read as Read<F> };
  };
  return { "~standard": { version: 1, vendor: "tsgi", validate } };
}

function unknownSetting(key: string, fields: Fields): SchemaIssue {
  const names = Object.keys(fields);
  return { message: `unknown setting ${shown(key)}${suggest(key, names)}; known are ${names.join(", ")}`, path: [key] };
}
