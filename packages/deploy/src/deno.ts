import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { packageIn, type Package } from "./packages.ts";
import { Pending } from "./pending.ts";

// What only Deno finds: by the import map of deno.json, and packages of npm in its cache, which no folder has.

interface Imports {
  load(specifier: string, options?: ImportCallOptions): Promise<Readonly<Record<string, unknown>>>;
  /** @throws Error for a name that the import map does not have */
  resolve(specifier: string): string;
}

/**
 * Imports as a module of the project does. Deno resolves names in an npm package, such as this one, as Node does; its
 * import map is asked by a module that is in no package.
 */
export async function projectImports(): Promise<Imports> {
  const source =
    "data:application/javascript,export const load = (specifier, options = {}) => import(specifier, options);" +
    "export const resolve = (specifier) => import.meta.resolve(specifier)";
  return (await import(/* @vite-ignore */ source)) as Imports;
}

/** By what they are called. */
export type DenoPackages = Map<string, Package | undefined>;

/**
 * A package that Deno knows by its import map or, when it is asked for as `npm:`, by downloading it.
 *
 * @throws Pending while Deno looks for it
 */
export function findByDeno(scheme: string, name: string, known: DenoPackages): Package | undefined {
  if (!("Deno" in globalThis)) return undefined;
  const key = `${scheme}:${name}`;
  if (known.has(key)) return known.get(key);
  throw new Pending(look(scheme, name).then((found) => known.set(key, found)));
}

async function look(scheme: string, name: string): Promise<Package | undefined> {
  const imports = await projectImports();
  const mapped = await packageOf(name, imports);
  // a module that the map has under this name goes before a package of npm that happens to be called so
  if (mapped !== undefined || scheme !== "npm" || knows(`${name}/tsgi`, imports)) return mapped;
  return packageOf(`npm:${name}`, imports);
}

function knows(specifier: string, { resolve }: Imports): boolean {
  try {
    resolve(specifier);
    return true;
  } catch {
    return false;
  }
}

async function packageOf(specifier: string, { load, resolve }: Imports): Promise<Package | undefined> {
  const manifest = `${specifier}/package.json`;
  try {
    // what has not been imported is not in the cache yet, and has no file
    await load(manifest, { with: { type: "json" } });
    const url = resolve(manifest);
    return url.startsWith("file:") ? packageIn(dirname(fileURLToPath(url))) : undefined;
  } catch (error) {
    // most packages do not export their package.json, and of these nothing else in Deno says where they are
    const [, file] = /\[ERR_PACKAGE_PATH_NOT_EXPORTED\].*? in '(.+?)' imported from/.exec(String(error)) ?? [];
    return file === undefined ? undefined : packageIn(dirname(file));
  }
}
