import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../tools/runtimes.mjs";

export const run = promisify(execFile);

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The packages that are published, by name, and where they are. */
export const PUBLIC: ReadonlyMap<string, string> = new Map(
  readdirSync(join(ROOT, "packages"))
    .map((folder) => join(ROOT, "packages", folder))
    .map((folder): [Manifest, string] => [
      JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest,
      folder,
    ])
    .filter(([manifest]) => manifest.private !== true)
    .map(([manifest, folder]) => [manifest.name, folder]),
);

/** Packs every public package as it is built; gives the tarballs by name. */
export async function packAll(destination: string): Promise<Map<string, string>> {
  const args = ["pack", "--json", "--pack-destination", destination];
  for (const name of PUBLIC.keys()) args.push("--workspace", name);
  const { stdout } = await run("npm", args, { cwd: ROOT, timeout: 60_000 });
  const packed = JSON.parse(stdout) as { name: string; filename: string }[];
  return new Map(packed.map(({ name, filename }) => [name, join(destination, filename)]));
}
