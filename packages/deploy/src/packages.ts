import { existsSync, readFileSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

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
 */
export function findPackage(name: string, base: string, loosely = false): Package | undefined {
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
    const manifest = installed === undefined ? undefined : manifestIn(join(modules, installed));
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
