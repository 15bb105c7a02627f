import { createRequire } from "node:module";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";

// The runtimes' real binaries: a signal to a shim in node_modules/.bin leaves the server behind it alive.

const require = createRequire(import.meta.url);
const modules = dirname(dirname(require.resolve("vitest/package.json")));

/** npm installs the one package that fits this machine. */
function only(scope: string, ...path: string[]): string {
  const folder = join(modules, scope);
  const [found] = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
  if (found === undefined) throw new Error(`nothing is installed in ${folder}; run npm ci`);
  return join(folder, found, ...path);
}

/** How Bun is called. */
export function bunCommand(): string[] {
  // bun's install script moves the binary; without the script it is where it was
  const moved = join(modules, "bun/bin/bun.exe");
  return [existsSync(moved) ? moved : only("@oven", "bin", "bun")];
}

/** How Deno is called, and the environment in which it asks nobody for anything. */
export function denoCommand(...args: string[]): { command: string[]; env: Record<string, string> } {
  return {
    command: [only("@deno", "deno"), ...args, "-A", "--no-lock", "--cached-only"],
    env: { DENO_DIR: process.env["DENO_DIR"] ?? join(tmpdir(), "tsgi-deno"), DENO_NO_UPDATE_CHECK: "1" },
  };
}

export function workerdCommand(): string[] {
  return [(require("workerd") as { default: string }).default];
}
