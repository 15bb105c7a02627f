import { readdirSync, realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { suggest } from "@tsgi/core/adapter";
import { aliasOf, BUILTINS, isKnownEgg } from "./builtin/index.ts";
import { ConfigError, type Place } from "./error.ts";
import { importFrom } from "./load-module.ts";
import { findPackage, packageNameOf, type Package } from "./packages.ts";
import { Pending } from "./pending.ts";
import { quote } from "./quote.ts";
import type { Kind, ModuleReference, Reference } from "./tree.ts";
import { slashes, type Uri } from "./uri.ts";

// From what a file names to what an import statement would: modules and their attributes, packages and their entry
// points. Nothing is imported here, but for a package that says its entry points in a module.

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

/**
 * What stands for a module of a file.
 *
 * @param base the folder of that file
 * @param known what was found before, by folder and module
 * @throws ConfigError (import) for a path where no file is
 */
export function moduleReference(
  written: string,
  text: string,
  base: string,
  known: Map<string, string>,
  place: Place,
): ModuleReference {
  const { module, path } = parseModule(text);
  const key = `${base}\0${module}`;
  let specifier = known.get(key);
  if (specifier === undefined) known.set(key, (specifier = specifierOf(slashes(module), base, place)));
  return {
    from: "module",
    specifier,
    path: path ?? ["default"],
    base,
    written,
    at: place.at,
  };
}

function specifierOf(module: string, base: string, place: Place): string {
  if (/^(?:file|https?|data|node):/.test(module)) return module;
  if (/^\.{1,2}(?:\/|$)/.test(module) || isAbsolute(module)) {
    const path = resolve(base, module);
    const file = fileOf(path);
    if (file !== undefined) return pathToFileURL(file).href;
    throw new ConfigError(
      "import",
      `No module ${quote(module)}: there is no file ${path}${suggest(module.slice(module.lastIndexOf("/") + 1), filesIn(dirname(path)))}`,
      place,
    );
  }
  // a package, or else a module beside the file, whose folder Python has in its path
  const name = packageNameOf(module);
  if (!isBuiltin(module) && (name === undefined || findPackage(name, base) === undefined)) {
    const file = fileOf(resolve(base, module));
    if (file !== undefined) return pathToFileURL(file).href;
  }
  return module;
}

/** A file, or the one that a path without its extension means; links are followed, since a module is known by its file. */
function fileOf(path: string): string | undefined {
  for (const candidate of [path, ...EXTENSIONS.map((extension) => path + extension)])
    if (statSync(candidate, { throwIfNoEntry: false })?.isFile() === true) return realpathSync(candidate);
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

/** Whether a distribution that `require` names is there. */
export function isInstalled(name: string, base: string): boolean {
  return isKnownEgg(name) || findOurs(name, base, true) !== undefined;
}

/** The groups of entry points that make an object of a kind; of those in one list the first that has the name counts. */
export const GROUPS: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  app: [["app_factory"], ["composite_factory"], ["composit_factory"]],
  filter: [["filter_factory", "filter_app_factory"]],
  server: [["server_factory", "server_runner"]],
};

/** A factory that a package offers. */
export interface EntryPoint {
  /** The group that it stands in. */
  readonly group: string;
  readonly reference: Reference;
}

/**
 * The entry point that `npm:package#name`, `egg:dist#name` or `jsr:@scope/package#name` means.
 *
 * @throws Pending when a module has to be imported first
 * @throws ConfigError: `package` when it is not installed, `lookup` when it has no such entry point or two
 */
export function entryPoint(
  kind: Kind,
  uri: Uri,
  name: string,
  base: string,
  cache: GroupCache,
  place: Place,
): EntryPoint {
  if (uri.path === "") throw new ConfigError("package", `${quote(uri.written)} names no package`, place);
  if (uri.scheme === "egg") {
    const alias = builtinOf(uri.path, name, place);
    if (alias !== undefined) return builtinPoint(kind, alias, uri, place);
  }
  const found =
    findOurs(uri.path, base, uri.scheme === "egg") ?? (uri.scheme === "jsr" ? findJsr(uri, base) : undefined);
  const declared = found?.manifest.tsgi;
  const groups = isRecord(declared)
    ? { table: declared, specifier: undefined }
    : groupsOfModule(found, uri, base, cache, place);
  const possible = GROUPS[kind].flatMap((list) => {
    const group = list.find((each) => valueIn(groups.table, each, name) !== undefined);
    return group === undefined ? [] : [group];
  });
  if (possible.length > 1)
    throw new ConfigError(
      "lookup",
      `Ambiguous entry points for ${quote(name)} in package ${quote(uri.path)}: it is in ${possible.join(" and ")}`,
      place,
    );
  const [group] = possible;
  if (group === undefined) throw notFound(kind, groups.table, uri, name, place);
  const at = { written: uri.written, at: place.at };
  const reference: ModuleReference =
    found === undefined || groups.specifier !== undefined
      ? { from: "module", specifier: groups.specifier!, path: [group, name], base, ...at }
      : { from: "module", ...targetOf(found, valueIn(groups.table, group, name), uri, place), ...at };
  return { group, reference };
}

function notFound(kind: Kind, table: Groups, uri: Uri, name: string, place: Place): ConfigError {
  const wanted = GROUPS[kind].flat();
  const there = wanted.flatMap((group) => Object.keys(groupIn(table, group)));
  const elsewhere = Object.keys(table).filter((group) => valueIn(table, group, name) !== undefined);
  const hint =
    elsewhere.length > 0 ? `; it is a ${elsewhere.join(" and a ")}` : there.length > 0 ? suggest(name, there) : "";
  return new ConfigError(
    "lookup",
    `Entry point ${quote(name)} not found in package ${quote(uri.path)} (protocols: ${wanted.join(", ")}; entry points: ${there.join(", ")})${hint}`,
    place,
  );
}

type Groups = Readonly<Record<string, unknown>>;

function groupIn(table: Groups, group: string): Groups {
  const entries = Object.hasOwn(table, group) ? table[group] : undefined;
  return isRecord(entries) ? entries : {};
}

function valueIn(table: Groups, group: string, name: string): unknown {
  const entries = groupIn(table, group);
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

function isRecord(value: unknown): value is Groups {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function builtinOf(dist: string, name: string, place: Place): string | undefined {
  try {
    return aliasOf(dist, name);
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(error.category, error.text, place, { cause: error }) : error;
  }
}

function builtinPoint(kind: Kind, name: string, uri: Uri, place: Place): EntryPoint {
  const group = BUILTINS[name].protocol;
  if (!GROUPS[kind].flat().includes(group))
    throw new ConfigError(
      "lookup",
      `Entry point ${quote(uri.written)} is a ${group}, and no ${kind} (protocols: ${GROUPS[kind].flat().join(", ")})`,
      place,
    );
  return { group, reference: { from: "builtin", name, written: uri.written, at: place.at } };
}

/** A package; one of TSGI's own is found beside this one too, where the command is installed and the project has nothing. */
function findOurs(name: string, base: string, loosely: boolean): Package | undefined {
  const found = findPackage(name, base, loosely);
  if (found !== undefined || !(name.startsWith("@tsgi/") && import.meta.url.startsWith("file:"))) return found;
  return findPackage(name, dirname(fileURLToPath(import.meta.url)));
}

/** What JSR's npm registry calls a package of JSR. */
function findJsr({ path }: Uri, base: string): Package | undefined {
  const match = /^@([^/]+)\/([^/]+)$/.exec(path);
  return match === null ? undefined : findPackage(`@jsr/${match[1]}__${match[2]}`, base);
}

/** What the module `package/tsgi` of a package exports, `cause` when there is none. */
type FoundGroups = { readonly table: Groups; readonly specifier: string } | { readonly cause: unknown };

/** By package and folder. */
export type GroupCache = Map<string, FoundGroups>;

/** The groups that a module `package/tsgi` exports: packages of JSR have no package.json at run time. */
function groupsOfModule(
  found: Package | undefined,
  uri: Uri,
  base: string,
  cache: GroupCache,
  place: Place,
): { table: Groups; specifier: string } {
  const key = `${base}\0${uri.scheme}:${uri.path}`;
  const known = cache.get(key);
  if (known === undefined) throw new Pending(importGroups(found, uri, base).then((groups) => cache.set(key, groups)));
  if (!("cause" in known)) return known;
  const { cause } = known;
  if (found !== undefined)
    throw new ConfigError(
      "lookup",
      `package ${quote(uri.path)} offers nothing: its package.json has no field 'tsgi'${cause === undefined ? ", nor is there a module" : ", and an error in its module"} ${quote(`${found.name}/tsgi`)}`,
      place,
      { cause },
    );
  const how = uri.scheme === "jsr" ? `npx jsr add ${uri.path}` : `npm install ${uri.path}`;
  throw new ConfigError(
    "package",
    `No package ${quote(uri.path)} was found from ${base} upward (${quote(uri.written)}); is it installed? ${how}`,
    place,
    cause === undefined ? {} : { cause },
  );
}

async function importGroups(found: Package | undefined, uri: Uri, base: string): Promise<FoundGroups> {
  let cause: unknown;
  for (const specifier of groupModules(found, uri))
    try {
      return { table: { ...(await importFrom(specifier, found?.from ?? base)) }, specifier };
    } catch (error) {
      cause ??= error;
    }
  return { cause };
}

/** Where a package may say its entry points. Deno's import map knows packages that no folder has. */
function groupModules(found: Package | undefined, uri: Uri): string[] {
  if (found !== undefined) return hasSubpath(found, "./tsgi") ? [`${found.name}/tsgi`] : [];
  if (!("Deno" in globalThis)) return [];
  return [`${uri.path}/tsgi`, ...(uri.scheme === "egg" ? [] : [`${uri.scheme}:${uri.path}/tsgi`])];
}

/** Whether a package exports a subpath, by its name or by a pattern with a `*`. */
function hasSubpath({ manifest }: Package, subpath: string): boolean {
  if (!isRecord(manifest.exports)) return false;
  return Object.keys(manifest.exports).some((key) => {
    const star = key.indexOf("*");
    if (star < 0) return key === subpath;
    return (
      subpath.length >= key.length && subpath.startsWith(key.slice(0, star)) && subpath.endsWith(key.slice(star + 1))
    );
  });
}

/** Where `"./dist/app.js#makeApp"` of a `tsgi` field leads: an export of the package, or else a file in it. */
function targetOf(
  found: Package,
  value: unknown,
  uri: Uri,
  place: Place,
): Pick<ModuleReference, "specifier" | "path" | "base"> {
  if (typeof value !== "string")
    throw new ConfigError(
      "lookup",
      `${quote(uri.written)}: the field 'tsgi' of ${join(found.folder, "package.json")} names no module there; it is written "./dist/app.js#makeApp"`,
      place,
    );
  const hash = value.lastIndexOf("#");
  const module = hash < 0 ? value : value.slice(0, hash);
  const path = hash < 0 ? ["default"] : value.slice(hash + 1).split(".");
  if (hasSubpath(found, module)) return { specifier: found.name + module.slice(1), path, base: found.from };
  const file = fileOf(join(found.folder, module));
  if (file === undefined)
    throw new ConfigError(
      "import",
      `${quote(uri.written)} is ${quote(value)} by ${join(found.folder, "package.json")}, and there is no such file`,
      place,
    );
  return { specifier: pathToFileURL(file).href, path, base: found.from };
}
