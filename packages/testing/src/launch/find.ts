import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join, sep } from "node:path";
import process from "node:process";

// Where a runtime's real binary lies. The files in node_modules/.bin are no binaries: ending the shim leaves the server
// that it started alive and serving.

const here = createRequire(import.meta.url);

/** Resolves a package from where the app lives, else from here; `undefined` when neither has it. */
export function resolveFrom(places: readonly string[], name: string): string | undefined {
  for (const require of [...places.map((place) => createRequire(place)), here])
    try {
      return require.resolve(name);
    } catch {
      // the next place may have it
    }
  return undefined;
}

/**
 * The built entry of an adapter package: what its package.json calls `default`. Not by `require.resolve`, which follows
 * the conditions of the process that asks, a test runner's for one.
 */
export function entryOf(app: string, name: string): string | undefined {
  const manifest = resolveFrom([app], `${name}/package.json`);
  if (manifest === undefined) return undefined;
  const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as { exports: { ".": { default: string } } };
  return join(dirname(manifest), exports["."].default);
}

function inPackage(name: string, ...path: string[]): string | undefined {
  const manifest = resolveFrom([join(process.cwd(), "package.json")], `${name}/package.json`);
  if (manifest === undefined) return undefined;
  const file = join(dirname(manifest), ...path);
  return existsSync(file) ? file : undefined;
}

function onPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (folder === "" || folder.endsWith(`${sep}.bin`)) continue;
    const file = join(folder, process.platform === "win32" ? `${name}.exe` : name);
    if (existsSync(file)) return file;
  }
  return undefined;
}

/** Whether a file is a program of the machine rather than a script that explains why there is none. */
function isBinary(file: string | undefined): file is string {
  return file !== undefined && statSync(file).size > 1_000_000;
}

export function findNode(): string | undefined {
  return "bun" in process.versions || "deno" in process.versions ? onPath("node") : process.execPath;
}

export function findBun(): string | undefined {
  const moved = inPackage("bun", "bin", "bun.exe");
  if (isBinary(moved)) return moved;
  const arch = process.arch === "arm64" ? "aarch64" : process.arch;
  const inner = inPackage(`@oven/bun-${process.platform}-${arch}`, "bin", "bun");
  return inner ?? onPath("bun");
}

export function findDeno(): string | undefined {
  const system = process.platform === "linux" ? `linux-${process.arch}-glibc` : `${process.platform}-${process.arch}`;
  return inPackage(`@deno/${system}`, process.platform === "win32" ? "deno.exe" : "deno") ?? onPath("deno");
}

export function findWorkerd(): string | undefined {
  const main = resolveFrom([join(process.cwd(), "package.json")], "workerd");
  if (main !== undefined) {
    const found = (here(main) as { default?: string }).default;
    if (found !== undefined && existsSync(found)) return found;
  }
  return onPath("workerd");
}
