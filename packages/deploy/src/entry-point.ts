import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { suggest } from "@tsgi/core/settings";
import { aliasOf, BUILTINS, isKnownEgg } from "./builtin/index.ts";
import { findByDeno, type DenoPackages } from "./deno.ts";
import { ConfigError, type Place } from "./error.ts";
import { importFrom } from "./load-module.ts";
import { findPackage, packageIn, type Package } from "./packages.ts";
import { Pending } from "./pending.ts";
import { printable, quote } from "./quote.ts";
import { fileOf } from "./resolve.ts";
import type { Kind, ModuleReference, Reference } from "./tree.ts";
import type { Uri } from "./uri.ts";

// The factories that packages offer: by the field `tsgi` of package.json, by a module `package/tsgi`, or built in.

/**
 * Whether a distribution that `require` names is there.
 *
 * @throws Pending while Deno looks for it
 */
export function isInstalled(name: string, base: string, { byDeno }: PackageCache, place: Place): boolean {
  return isKnownEgg(name) || (findOurs(name, base, true, place) ?? findByDeno("egg", name, byDeno)) !== undefined;
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
 * @throws Pending when something has to be imported first
 * @throws ConfigError: `package` when it is not installed, `lookup` when it has no such entry point or two
 */
export function entryPoint(
  kind: Kind,
  uri: Uri,
  name: string,
  base: string,
  cache: PackageCache,
  place: Place,
): EntryPoint {
  if (uri.path === "") throw new ConfigError("package", `${quote(uri.written)} names no package`, place);
  if (uri.scheme === "egg") {
    const alias = builtinOf(uri.path, name, place);
    if (alias !== undefined) return builtinPoint(kind, alias, uri, place);
  }
  const found =
    findOurs(uri.path, base, uri.scheme === "egg", place) ??
    (uri.scheme === "jsr" ? findJsr(uri, base, place) : undefined) ??
    findByDeno(uri.scheme, uri.path, cache.byDeno);
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
      ? { from: "module", specifier: groups.specifier!, path: [group, name], base: found?.from ?? base, ...at }
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
function findOurs(name: string, base: string, loosely: boolean, place: Place): Package | undefined {
  const found = findPackage(name, base, loosely, place);
  if (found !== undefined || !(name.startsWith("@tsgi/") && import.meta.url.startsWith("file:"))) return found;
  return findPackage(name, dirname(fileURLToPath(import.meta.url))) ?? findBeside(name);
}

/** A package that this one depends on: Deno's cache has no node_modules. */
function findBeside(name: string): Package | undefined {
  try {
    return packageIn(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)));
  } catch {
    return undefined;
  }
}

/** What JSR's npm registry calls a package of JSR. */
function findJsr({ path }: Uri, base: string, place: Place): Package | undefined {
  const match = /^@([^/]+)\/([^/]+)$/.exec(path);
  return match === null ? undefined : findPackage(`@jsr/${match[1]}__${match[2]}`, base, false, place);
}

/** What the module `package/tsgi` of a package exports, `cause` when there is none. */
type FoundGroups = { readonly table: Groups; readonly specifier: string } | { readonly cause: unknown };

/** What had to be imported to know it. */
export interface PackageCache {
  /** By package and folder. */
  readonly groups: Map<string, FoundGroups>;
  readonly byDeno: DenoPackages;
}

/** The groups that a module `package/tsgi` exports: packages of JSR have no package.json at run time. */
function groupsOfModule(
  found: Package | undefined,
  uri: Uri,
  base: string,
  cache: PackageCache,
  place: Place,
): { table: Groups; specifier: string } {
  const key = `${base}\0${uri.scheme}:${uri.path}`;
  const known = cache.groups.get(key);
  if (known === undefined)
    throw new Pending(importGroups(found, uri, base).then((groups) => cache.groups.set(key, groups)));
  if (!("cause" in known)) return known;
  const { cause } = known;
  if (found !== undefined)
    throw new ConfigError(
      "lookup",
      `package ${quote(uri.path)} offers nothing: its package.json has no field 'tsgi'${cause === undefined ? ", nor is there a module" : ", and an error in its module"} ${quote(`${found.name}/tsgi`)}${found.name === "tsgi" ? "; what comes with it has no package, 'use = urlmap'" : ""}`,
      place,
      { cause },
    );
  const scheme = uri.scheme === "jsr" ? "jsr" : "npm";
  const name = printable(uri.path);
  const onNode = scheme === "jsr" ? `npx jsr add ${name}` : `npm install ${name}`;
  const how = "Deno" in globalThis ? `deno add ${scheme}:${name}` : onNode;
  throw new ConfigError(
    "package",
    `No package ${quote(uri.path)} was found from ${printable(base)} upward (${quote(uri.written)}); is it installed? ${how}`,
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
