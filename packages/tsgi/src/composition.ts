import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { App } from "@tsgi/core";
import type { ConfigFile, Context, Node, Strings, Warning } from "@tsgi/deploy";
import { UsageError } from "./failure.ts";
import { loadEnvFiles } from "./env-file.ts";
import { folderOf, type ConfigTarget, type Target } from "./target.ts";

/** What a command's first argument and options say of the app. */
export interface Wanted {
  /** `-n`: the app's name in the file. */
  readonly appName?: string | undefined;
  /** `name=value …`. */
  readonly globalConf: Strings;
  readonly envFile?: readonly string[] | false | undefined;
}

/** An app, ready to be served, and what is known of it. */
export interface Composition {
  readonly app: App;
  /** What it is made of; `undefined` for what no INI file composes. */
  readonly node: Node | undefined;
  readonly warnings: readonly Warning[];
  /** The files that were read, and the user's own modules among what they name. */
  readonly files: readonly string[];
}

/** What an INI file means; nothing of it has been imported. @throws (rejects) ConfigError */
export async function contextOf(target: ConfigTarget, { appName, globalConf, envFile }: Wanted): Promise<Context<App>> {
  await loadEnvFiles(envFile, folderOf(target));
  const { loadContext } = await import("@tsgi/deploy");
  return loadContext("app", target.uri, { name: appName, globalConf, relativeTo: process.cwd() });
}

/** The file of a target, for its sections; `undefined` where it names none. @throws (rejects) ConfigError */
export async function configOf(target: Target, globalConf: Strings): Promise<ConfigFile | undefined> {
  if (target.kind !== "config" || target.file === undefined) return undefined;
  const { readConfig } = await import("@tsgi/deploy");
  return readConfig(target.uri, { globalConf });
}

/** Loads the app that a target names. @throws (rejects) ConfigError, UsageError, and what the user's code throws */
export async function compose(target: Target, wanted: Wanted): Promise<Composition> {
  if (target.kind === "module") {
    if (wanted.appName !== undefined)
      throw new UsageError("-n names an app of an INI file; for one of a module write FILE:NAME");
    const read = await loadEnvFiles(wanted.envFile, folderOf(target));
    const { appOfModule } = await import("./module-app.ts");
    const app = await appOfModule(target.file, target.attribute);
    return { app, node: undefined, warnings: [], files: [target.file, ...read] };
  }
  const context = await contextOf(target, wanted);
  return {
    app: await context.create(),
    node: context.node,
    warnings: context.warnings,
    files: [...context.files, ...modulesOf(context.node)],
  };
}

/** The files of the user's own modules that a tree names. */
function modulesOf(node: Node): string[] {
  switch (node.type) {
    case "factory":
    case "existing": {
      const children = node.type === "factory" ? Object.values(node.children ?? {}).flatMap(modulesOf) : [];
      const own = node.reference.from === "module" ? node.reference.specifier : "";
      const local = own.startsWith("file:") && !own.includes("/node_modules/");
      return local ? [fileURLToPath(own), ...children] : children;
    }
    case "pipeline":
      return [...node.filters, node.app].flatMap(modulesOf);
    case "filter_app":
      return [node.filter, node.next].flatMap(modulesOf);
    case "filtered_with":
      return [node.filter, node.inner].flatMap(modulesOf);
  }
}

/** `[tsgi]`, or `[pserve]` as Pyramid's files have it: settings of the command itself. */
export interface CommandSettings {
  /** Globs, absolute. */
  readonly watch: readonly string[];
  readonly ignore: readonly string[];
  readonly openUrl: string | undefined;
  readonly dev: boolean;
}

/** @throws (rejects) ConfigError for a value that is none */
export async function commandSettings(file: ConfigFile | undefined): Promise<CommandSettings> {
  if (file === undefined) return { watch: [], ignore: [], openUrl: undefined, dev: false };
  const settings = { ...file.settings("pserve"), ...file.settings("tsgi") };
  const { asBool } = await import("@tsgi/core/settings");
  const inFolder = (glob: string): string => `${dirname(file.file)}/${glob.replace(/^\.\//, "")}`;
  return {
    watch: globs(settings.watch_files).map((glob) => (/^(?:[/\\]|[a-z]:)/i.test(glob) ? glob : inFolder(glob))),
    ignore: globs(settings.ignore_files).map((glob) =>
      glob.includes("/") && !glob.startsWith("/") ? inFolder(glob) : glob,
    ),
    openUrl: settings.open_url,
    dev: settings.dev === undefined ? false : await placed(file, "dev", settings.dev, asBool),
  };
}

/** Reads a setting of the command. @throws (rejects) ConfigError for a value that is none, with its place */
async function placed<T>(file: ConfigFile, key: string, value: string, read: (value: string) => T): Promise<T> {
  try {
    return read(value);
  } catch (cause) {
    const { ConfigError } = await import("@tsgi/deploy");
    for (const section of ["tsgi", "pserve"]) {
      const at = file.section(section)?.options.find((option) => option.key === key)?.at;
      if (at !== undefined)
        throw new ConfigError(
          "value",
          `[${section}] setting '${key}': ${(cause as Error).message}`,
          { at, section, key },
          { cause },
        );
    }
    throw cause;
  }
}

function globs(text = ""): string[] {
  return text.split(/[\s,]+/).filter((glob) => glob !== "");
}
