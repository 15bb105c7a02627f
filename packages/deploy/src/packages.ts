import { existsSync, readFileSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { ConfigError, type Place } from "./error.ts";
import { printable } from "./quote.ts";

// Packages, as Node, Bun and Deno find them from a folder.

/** `@acme/wiki` of `@acme/wiki/factories`. */
export function packageNameOf(specifier: string): string | undefined {
  return /^(?:@[^/:@]+\/)?[^/:@.][^/:@]*(?=\/|$)/.exec(specifier)?.[0];
}

/** A package that is installed, or that the file is part of. */
export interface Package {
  readonly name: string;
  readonly folder: string;
  /** The folder that found it: its name means this package from there. */
  readonly from: string;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/**
 * The package that a name means in a folder, as Node, Bun and Deno look for it: the package around the folder by its own
 * name, then each node_modules upward (npm, workspaces).
 *
 * @param loosely the name counts as a Python distribution's does, without regard to case and to `-`, `_` and `.`
 * @param place what names it
 * @throws ConfigError (package) for one that is installed and whose package.json cannot be read
 */
export function findPackage(name: string, base: string, loosely = false, place: Place = {}): Package | undefined {
  const wanted = loosely ? plain(name) : name;
  const matches = (found: unknown): boolean => typeof found === "string" && (loosely ? plain(found) : found) === wanted;
  for (let folder = base, enclosed = false; ; folder = dirname(folder)) {
    if (!enclosed) {
      const manifest = manifestIn(folder);
      enclosed = manifest !== undefined;
      if (matches(manifest?.name)) return { name: manifest?.name as string, folder, from: folder, manifest: manifest! };
    }
    const modules = join(folder, "node_modules");
    const installed =
      existsSync(join(modules, name, "package.json")) || !loosely
        ? name
        : namesIn(modules).find((each) => plain(each) === wanted);
    const manifest = installed === undefined ? undefined : installedIn(join(modules, installed), place);
    if (installed !== undefined && manifest !== undefined)
      return { name: installed, folder: realpathSync(join(modules, installed)), from: folder, manifest };
    if (folder === dirname(folder)) return undefined;
  }
}

/** The package in a folder, whose name means it from there. */
export function packageIn(folder: string): Package | undefined {
  const manifest = manifestIn(folder);
  return typeof manifest?.name === "string" ? { name: manifest.name, folder, from: folder, manifest } : undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

function namesIn(modules: string): string[] {
  try {
    return readdirSync(modules);
  } catch {
    return [];
  }
}

/** The manifest of a package that is asked for by name: to call one that cannot be read missing would mislead. */
function installedIn(folder: string, place: Place): Readonly<Record<string, unknown>> | undefined {
  const file = join(folder, "package.json");
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof manifest === "object" && manifest !== null) return manifest as Record<string, unknown>;
    throw new TypeError("it is no JSON object");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(code)) return undefined;
    throw new ConfigError("package", `${printable(file)} cannot be read: ${printable(message)}`, place, {
      cause: error,
    });
  }
}

function manifestIn(folder: string): Readonly<Record<string, unknown>> | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, "package.json"), "utf8");
  } catch {
    return undefined;
  }
  try {
    const manifest: unknown = JSON.parse(text);
    return typeof manifest === "object" && manifest !== null ? (manifest as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
