import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../tools/runtimes.mjs";

export const run = promisify(execFile);

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly files: readonly string[];
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** The packages that are published, by name, and where they are. */
export const PUBLIC: ReadonlyMap<string, string> = new Map(
  readdirSync(join(ROOT, "packages"))
    .map((folder) => join(ROOT, "packages", folder))
    .map((folder): [Manifest, string] => [manifestOf(folder), folder])
    .filter(([manifest]) => manifest.private !== true)
    .map(([manifest, folder]) => [manifest.name, folder]),
);

/** What users import of a package; `./ini` is types alone. */
export function specifiersOf(name: string): string[] {
  const exported = Object.keys(manifestOf(PUBLIC.get(name) as string).exports);
  return exported.filter((key) => key !== "./package.json" && key !== "./ini").map((key) => name + key.slice(1));
}

/** A tarball, as npm made it. */
export interface Tarball {
  readonly file: string;
  /** bytes, packed and unpacked */
  readonly size: number;
  readonly unpackedSize: number;
}

/** Packs every public package as it is built; gives the tarballs by name. */
async function packAll(destination: string): Promise<Map<string, Tarball>> {
  const args = ["pack", "--json", "--pack-destination", destination];
  for (const name of PUBLIC.keys()) args.push("--workspace", name);
  const { stdout } = await run("npm", args, { cwd: ROOT, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 });
  const packed = JSON.parse(stdout) as { name: string; filename: string; size: number; unpackedSize: number }[];
  return new Map(
    packed.map(({ name, filename, size, unpackedSize }) => [
      name,
      { file: join(destination, filename), size, unpackedSize },
    ]),
  );
}

/** The folders of what the public packages depend on and somebody else publishes, and of what that depends on. */
function thirdParty(): string[] {
  const folders = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
      if (PUBLIC.has(name)) continue;
      const found = findPackage(name, folder);
      const before = folders.get(name);
      if (before === found) continue;
      // npm would have to be told which of them stands where
      if (before !== undefined) throw new Error(`${name} is there twice: ${before} and ${found}`);
      folders.set(name, found);
      walk(found);
    }
  };
  for (const folder of PUBLIC.values()) walk(folder);
  return [...folders.values()];
}

/** Where a package is that a folder's modules import. */
export function findPackage(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) throw new Error(`${name}, which ${from} depends on, is not installed: npm ci`);
  }
}

/** The public packages, packed, and installed in a folder that has nothing else. */
export interface Installed {
  readonly tarballs: ReadonlyMap<string, Tarball>;
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * Packs and installs the public packages. No registry is asked, and npm's cache is empty: what others publish is packed
 * from this repository's node_modules.
 *
 * @param own packages of the user's own, which ours do not depend on; they are links into the repository
 */
export async function install(own: readonly string[] = []): Promise<Installed> {
  for (const folder of PUBLIC.values())
    if (!existsSync(join(folder, "dist"))) throw new Error(`${folder} is not built: npm run build`);
  // Deno finds a package by its real path, and on macOS the folder for scratch files is a link
  const scratch = await realpath(await mkdtemp(join(tmpdir(), "tsgi-published-")));
  const tarballs = await packAll(scratch);
  const folder = join(scratch, "empty");
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }');
  const given = [...[...tarballs.values()].map(({ file }) => file), ...thirdParty()];
  const flags = ["--offline", "--cache", join(scratch, "cache"), "--no-audit", "--no-fund"];
  // a folder is packed as it would be for the registry, rather than linked or built
  await run("npm", ["install", ...flags, "--install-links", "--ignore-scripts", ...given], {
    cwd: folder,
    timeout: 60_000,
  });
  for (const name of own) await symlink(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  return { tarballs, folder, remove: () => rm(scratch, { recursive: true, force: true }) };
}
