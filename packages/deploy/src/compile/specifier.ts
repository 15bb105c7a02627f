import { dirname, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findPackage, packageNameOf, type Package } from "../packages.ts";
import { resolveImport } from "../resolve-import.ts";
import { conditionsOf, type Target } from "./target.ts";

// What an import statement of the compiled module says. It stands in another folder than the file that names the
// module, so paths change, and a package may be another one seen from there, or none.

const HERE = dirname(fileURLToPath(import.meta.url));

/**
 * @param specifier what a statement in `base` would say: a `file:` URL, a package, `jsr:…`
 * @param base folder of the file that names it
 * @param folder folder of the compiled module
 * @param target what the module is compiled for
 */
export function specifierFrom(specifier: string, base: string, folder: string, target: Target): string {
  if (specifier.startsWith("file:")) return pathFrom(fileURLToPath(specifier), folder);
  const name = packageNameOf(specifier);
  // an import map, or nothing at all: whoever runs or bundles the module says so
  const meant = name === undefined ? undefined : findPackage(name, base);
  if (meant === undefined || meant.folder === findPackage(name!, folder)?.folder) return specifier;
  if (target === "deno" && isCached(meant))
    return `npm:${name}@${String(meant.manifest.version)}${specifier.slice(name!.length)}`;
  const meantFile = resolveImport(specifier, meant, conditionsOf(target));
  return meantFile.startsWith("file:") ? pathFrom(fileURLToPath(meantFile), folder) : meantFile;
}

/** Whether a package is in Deno's cache, `…/name/1.2.3`: no module takes it by a path, since it is in nobody's node_modules. */
function isCached({ name, folder, manifest }: Package): boolean {
  return folder
    .split(sep)
    .join("/")
    .endsWith(`/${name}/${String(manifest.version)}`);
}

/** What a part of TSGI is imported as: `@tsgi/deploy/runtime`. Only the command may be installed where the project is. */
export function ownSpecifier(specifier: string, folder: string, target: Target): string {
  return findPackage(packageNameOf(specifier)!, folder) === undefined
    ? specifierFrom(specifier, HERE, folder, target)
    : specifier;
}

/** A path as an import statement says it. */
export function pathFrom(file: string, folder: string): string {
  const path = relative(folder, file);
  // on another drive of Windows there is no way but the whole URL
  if (/^[a-z]:/i.test(path)) return pathToFileURL(file).href;
  const plain = path.split(sep).join("/");
  return plain.startsWith("../") ? plain : `./${plain}`;
}
