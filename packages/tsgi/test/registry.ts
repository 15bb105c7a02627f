import { readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findPackage, manifestOf, run } from "../../../packages-tests/packed.ts";
import { ROOT } from "../../../tools/runtimes.mjs";

// A registry on this machine that has the packages of this repository, as they are built, and what they depend on, as it
// is installed: `npx tsgi` and its like begin with a download.

/** Each version of each package, and where it is. */
function packages(others: readonly string[]): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  const add = (folder: string): void => {
    const { name, version, dependencies = {} } = manifestOf(folder);
    const versions = found.get(name) ?? new Map<string, string>();
    if (versions.has(version)) return;
    found.set(name, versions.set(version, folder));
    for (const dependency of Object.keys(dependencies)) add(findPackage(dependency, folder));
  };
  for (const name of readdirSync(join(ROOT, "packages"))) add(join(ROOT, "packages", name));
  others.forEach(add);
  return found;
}

/** A registry that runs. */
export interface Registry {
  readonly url: string;
  /** For npm, Bun and Deno: this registry, and caches that are empty. */
  readonly env: Readonly<Record<string, string>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a registry, which has the packages in other folders too. */
export async function registry(...others: readonly string[]): Promise<Registry> {
  const scratch = await mkdtemp(join(tmpdir(), "tsgi-registry-"));
  const known = packages(others);
  const tarballs = new Map<string, Promise<string>>();

  const pack = async (folder: string): Promise<string> => {
    const { name, version, files } = manifestOf(folder);
    const place = join(scratch, "packed", name, version);
    await mkdir(join(place, "package"), { recursive: true });
    // of what is developed here, what npm would publish
    const entries = folder.includes("node_modules") || files === undefined ? ["."] : ["package.json", ...files];
    for (const entry of entries)
      await cp(join(folder, entry), join(place, "package", entry), {
        recursive: true,
        dereference: true,
        filter: (source) => source === folder || basename(source) !== "node_modules",
      });
    await run("tar", ["-czf", "package.tgz", "package"], { cwd: place });
    return join(place, "package.tgz");
  };

  const documentOf = (name: string): object => {
    const versions = known.get(name) as Map<string, string>;
    const entries = [...versions].map(([version, folder]) => {
      const dist = { tarball: `${url}/${name}/-/${version}.tgz` };
      return [version, { ...manifestOf(folder), dist }] as const;
    });
    return {
      name,
      "dist-tags": { latest: entries[0][0] },
      versions: Object.fromEntries(entries),
      // Deno takes nothing that is younger than a day
      time: Object.fromEntries(entries.map(([version]) => [version, "2020-01-01T00:00:00.000Z"])),
    };
  };

  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const [name, file] = path.split("/-/");
    const folder = file === undefined ? undefined : known.get(name)?.get(file.replace(/\.tgz$/, ""));
    if (file === undefined && known.has(name)) {
      response.setHeader("Content-Type", "application/json").end(JSON.stringify(documentOf(name)));
    } else if (folder !== undefined) {
      const packed = tarballs.get(path) ?? pack(folder);
      tarballs.set(path, packed);
      packed
        .then(readFile)
        .then((bytes) => response.end(bytes))
        .catch((error: unknown) => response.writeHead(500).end(String(error)));
    } else response.writeHead(404, { "Content-Type": "application/json" }).end('{"error":"not found"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    env: {
      npm_config_registry: url,
      NPM_CONFIG_REGISTRY: url,
      npm_config_cache: join(scratch, "npm"),
      npm_config_update_notifier: "false",
      npm_config_audit: "false",
      npm_config_fund: "false",
      BUN_INSTALL_CACHE_DIR: join(scratch, "bun"),
      BUN_TMPDIR: scratch,
      DENO_DIR: join(scratch, "deno"),
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
