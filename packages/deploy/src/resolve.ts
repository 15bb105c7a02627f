import { readdirSync, realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, extname, isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suggest } from "@tsgi/core/settings";
import { ConfigError, type Place } from "./error.ts";
import { findPackage, packageNameOf } from "./packages.ts";
import { printable, quote } from "./quote.ts";
import type { ModuleReference } from "./tree.ts";
import { slashes } from "./uri.ts";

// From what a file names to what an import statement would: modules and their attributes. Nothing is imported here.

/** `module:attr.attr` in its parts. */
export interface ModuleName {
  readonly module: string;
  /** `undefined` without an attribute: the default export is meant. */
  readonly path: readonly string[] | undefined;
}

const ATTRIBUTES = /^[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*$/u;

/** Splits at the last colon that an attribute follows: `C:/app.ts` has none. */
export function parseModule(text: string): ModuleName {
  const colon = text.lastIndexOf(":");
  const attributes = text.slice(colon + 1);
  if (colon < 1 || !ATTRIBUTES.test(attributes)) return { module: text, path: undefined };
  return { module: text.slice(0, colon), path: attributes.split(".") };
}

/** Whether a name in a file that is no section is meant as a module. */
export function isModule(text: string): boolean {
  return /^[.@]|\//.test(slashes(text)) || parseModule(text).path !== undefined;
}

const EXTENSIONS = [".ts", ".js", ".mjs", ".cjs", ".tsx", ".mts", ".cts"];

/** A module's file or name, and the attribute that is meant. */
type Known = Pick<ModuleReference, "specifier" | "path">;

/** What was found in a folder before, by the text that names it. */
export type KnownModules = Map<string, Known>;

/**
 * What stands for a module of a file.
 *
 * @param base the folder of that file
 * @param known what was found in that folder before
 * @throws ConfigError (import) for a path where no file is
 */
export function moduleReference(
  written: string,
  text: string,
  base: string,
  known: KnownModules,
  place: Place,
): ModuleReference {
  let found = known.get(text);
  if (found === undefined) {
    const { module, path } = parseModule(text);
    found = { specifier: specifierOf(slashes(module), base, place), path: path ?? ["default"] };
    known.set(text, found);
  }
  return { from: "module", specifier: found.specifier, path: found.path, base, written, at: place.at };
}

function specifierOf(module: string, base: string, place: Place): string {
  if (module.startsWith("data:")) return module;
  if (/^\.{1,2}(?:\/|$)/.test(module) || isAbsolute(module)) {
    const path = resolve(base, module);
    const file = fileOf(path);
    if (file !== undefined) return pathToFileURL(file).href;
    throw new ConfigError(
      "import",
      `No module ${quote(module)}: there is no file ${printable(path)}${suggest(module.slice(module.lastIndexOf("/") + 1), filesIn(dirname(path)))}`,
      place,
    );
  }
  // runtimes repeat such a name in their messages as it stands
  if (/\p{Cc}/u.test(module))
    throw new ConfigError(
      "import",
      `No module ${quote(module)}: a name has no line break or other control character`,
      place,
    );
  if (/^(?:file|https?|node):/.test(module)) return module;
  // a package, or else a module beside the file, whose folder Python has in its path
  const name = packageNameOf(module);
  if (!isBuiltin(module) && (name === undefined || findPackage(name, base, false, place) === undefined)) {
    const file = fileOf(resolve(base, module));
    if (file !== undefined) return pathToFileURL(file).href;
  }
  return module;
}

/** A file, or the one that a path without its extension means; links are followed, since a module is known by its file. */
export function fileOf(path: string): string | undefined {
  for (const candidate of [path, ...EXTENSIONS.map((extension) => path + extension)])
    try {
      if (statSync(candidate).isFile()) return realpathSync(candidate);
    } catch {
      // no file is there: a link in a circle, a file for a folder and a name that is too long are as good as none
    }
  return undefined;
}

/** The modules of a folder, without and with their extensions. */
function filesIn(folder: string): string[] {
  try {
    const files = readdirSync(folder).filter((name) => EXTENSIONS.includes(extname(name)));
    return [...files.map((name) => basename(name, extname(name))), ...files];
  } catch {
    return [];
  }
}
