import { SettingsError, type Schema, type SchemaIssue, type ServerRunner } from "@tsgi/core";
import { SERVER_SCHEMA, SERVER_SETTINGS, shown, suggest, type ServedRunner } from "@tsgi/core/settings";
import { factory as serverFactory } from "./server.ts";
import { checkedBy, read } from "./settings.ts";
import type { SettingWarning, Strings } from "./types.ts";

// Servers of Python, by their settings: what has a counterpart here becomes it, the rest is accepted and said.

/** What a setting becomes: settings of ours, by name; or why it has no effect. */
export type Translation = ((value: string, all: Strings) => Strings) | string;

/** The settings of another server. */
export interface Dialect {
  readonly settings: Readonly<Record<string, Translation>>;
  /** What that server does without being told, when neither a place nor anything else says otherwise. */
  readonly defaults: { readonly host: string; readonly port: string };
}

/** What stays the same under another name. */
export const renamed =
  (name: string): Translation =>
  (value) => ({ [name]: value });

/** Seconds without a unit. */
export const seconds =
  (name: string): Translation =>
  (value) => ({ [name]: /^[0-9.]+$/.test(value.trim()) ? `${value.trim()}s` : value });

/** A built-in server that reads another server's settings, and ours besides. */
export interface DialectServer {
  readonly factory: ((globalConf: Strings, localConf: Strings) => Promise<ServerRunner>) & {
    /** For whoever checks a file without making anything of it. */
    readonly settings: Schema;
  };
  /** The settings that have no effect, with the reason. */
  warnings(localConf: Strings): readonly SettingWarning[];
}

/**
 * Makes the server of a dialect.
 *
 * @param wrap what the settings ask for around the app
 */
export function dialectServer(
  dialect: Dialect,
  wrap?: (runner: ServedRunner, localConf: Strings) => ServedRunner,
): DialectServer {
  const named = (key: string): Translation | undefined =>
    Object.hasOwn(dialect.settings, key) ? dialect.settings[key] : undefined;
  const factory = async (globalConf: Strings, localConf: Strings): Promise<ServerRunner> => {
    const { settings, origins, issues } = translate(dialect, localConf, named);
    if (issues.length > 0) throw new SettingsError(issues);
    try {
      const runner = (await serverFactory(globalConf, settings)) as ServedRunner;
      return wrap === undefined ? runner : wrap(runner, localConf);
    } catch (error) {
      throw error instanceof SettingsError ? inTheirWords(error, origins) : error;
    }
  };
  const schema = checkedBy((localConf) => {
    const { settings, origins, issues } = translate(dialect, localConf, named);
    try {
      read(SERVER_SCHEMA, settings);
    } catch (error) {
      const told = inTheirWords(error as SettingsError, origins);
      issues.push(...told.issues.map(({ key, message }) => ({ message, path: [key] })));
    }
    return issues;
  });
  return {
    factory: Object.assign(factory, { settings: schema }),
    warnings: (localConf) =>
      Object.keys(localConf).flatMap((key) => {
        const translation = named(key);
        return typeof translation === "string" ? [{ key, message: `${key} has no effect here: ${translation}` }] : [];
      }),
  };
}

function translate(
  { settings: theirs, defaults }: Dialect,
  localConf: Strings,
  named: (key: string) => Translation | undefined,
): { settings: Record<string, string>; origins: Map<string, string>; issues: SchemaIssue[] } {
  const settings: Record<string, string> = Object.create(null) as Record<string, string>;
  const origins = new Map<string, string>();
  const issues: SchemaIssue[] = [];
  for (const [key, value] of Object.entries(localConf)) {
    const translation = named(key);
    if (typeof translation === "string") continue;
    if (translation === undefined && !SERVER_SETTINGS.includes(key)) {
      const known = [...new Set([...Object.keys(theirs), ...SERVER_SETTINGS])];
      issues.push({ message: `unknown setting ${shown(key)}${suggest(key, known)}`, path: [key] });
      continue;
    }
    try {
      for (const [name, text] of Object.entries(translation?.(value, localConf) ?? { [key]: value })) {
        settings[name] = text;
        origins.set(name, key);
      }
    } catch (error) {
      issues.push({ message: (error as Error).message, path: [key] });
    }
  }
  if (settings.listen === undefined) {
    settings.host ??= defaults.host;
    settings.port ??= defaults.port;
  }
  return { settings, origins, issues };
}

/** A fault of one of our settings, told of the setting that the file has. */
function inTheirWords(error: SettingsError, origins: Map<string, string>): SettingsError {
  return new SettingsError(error.issues.map(({ key, message }) => ({ message, path: [origins.get(key) ?? key] })));
}
