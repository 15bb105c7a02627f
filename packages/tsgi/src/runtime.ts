import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, delimiter, dirname, join, sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Failure } from "./failure.ts";
import { version } from "./version.ts";

// Which runtime runs the command, and how the same command is started in another one.

/** The runtimes that run the command. */
export const RUNTIMES = ["node", "bun", "deno"] as const;

export type RuntimeName = (typeof RUNTIMES)[number];

/** The runtime that runs now. */
export function running(): RuntimeName {
  return "bun" in process.versions ? "bun" : "deno" in process.versions ? "deno" : "node";
}

/** The runtime that runs now, for people: `Node 22.18.0`. */
export function runningVersion(): string {
  const name = running();
  return `${{ node: "Node", bun: "Bun", deno: "Deno" }[name]} ${process.versions[name]}`;
}

/**
 * How the command is started with a runtime.
 *
 * @param binary the runtime's program; for the running one `process.execPath`
 * @param entry the file of the command
 * @throws Failure when that runtime would not find what the command imports
 */
export function commandLine(
  runtime: RuntimeName,
  binary: string,
  args: readonly string[],
  entry: string = ENTRY,
): [string, string[]] {
  const cached = cachedByDeno(entry);
  const same = runtime === running();
  const here = runtime === "deno" ? forDeno(entry) : cached ? installed(runtime) : entry;
  const before = {
    node: process.execArgv.filter((flag) => same && flag !== ""),
    bun: ["--bun", ...process.execArgv.filter((flag) => same && flag !== "--bun")],
    // a lock file is for whoever installs, and starting a server writes none, unless Deno was what the user typed
    deno: ["run", "-A", ...(cached ? [] : ["--no-lock"]), "--unstable-no-legacy-abort"],
  }[runtime];
  return [binary, [...before, here, ...args]];
}

/** The file of the command; whatever started this process, `.bin/tsgi` or `npm:tsgi`, it is this one that runs. */
export const ENTRY: string = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "command.ts" : "command.js", import.meta.url),
);

/**
 * Whether the command is in Deno's own cache, `…/npm/registry.npmjs.org/tsgi/0.1.0/dist/command.js`: no package stands
 * in a node_modules there, and as a file the command finds none of what it imports.
 */
function cachedByDeno(entry: string): boolean {
  return /[\\/]npm[\\/][^\\/]+[\\/]tsgi[\\/]\d[^\\/]*[\\/]dist[\\/]command\.js$/.test(entry);
}

/** Deno reads the deno.json above the file that it runs, and the project's is not above the cache of npx. */
function forDeno(entry: string): string {
  const config = upward(process.cwd(), "deno.json", "deno.jsonc");
  const elsewhere = config !== undefined && !entry.startsWith(dirname(config) + sep);
  return cachedByDeno(entry) || elsewhere ? `npm:tsgi@${version()}` : entry;
}

/** The command of the project's node_modules. */
function installed(runtime: RuntimeName): string {
  const file = upward(process.cwd(), "node_modules/tsgi/dist/command.js");
  if (file !== undefined) return file;
  throw new Failure(
    `--runtime ${runtime}: tsgi is in Deno's cache alone, where ${runtime} finds no package; npm install tsgi, or ${runtime === "node" ? "npx tsgi" : "bunx --bun tsgi"}`,
  );
}

/** The nearest of some files. */
function upward(start: string, ...names: readonly string[]): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined || folder === dirname(folder)) return found;
  }
}

/**
 * Runs the same command in another runtime, with the arguments, the input and output, and the signals of this process.
 *
 * @returns its exit status; 128 and the signal's number when a signal ended it, as a shell has it
 * @throws (rejects) Failure when that runtime is not installed
 */
export async function rerun(runtime: RuntimeName, args: readonly string[]): Promise<number> {
  const binary = find(runtime);
  if (binary === undefined)
    throw new Failure(`--runtime ${runtime}: no ${runtime} on the PATH or in node_modules; ${INSTALL[runtime]}`);
  const [file, given] = commandLine(runtime, binary, args);
  const child = spawn(file, given, { stdio: "inherit" });
  const pass = (signal: NodeJS.Signals): void => {
    // a terminal sends ^C to both processes; a second one would cut what the first lets finish
    if (signal !== "SIGINT" || process.stdin.isTTY !== true) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(code ?? 128 + (NUMBERS[signal ?? "SIGKILL"] ?? 0)));
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

const NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

const INSTALL = {
  node: "see https://nodejs.org",
  bun: "npm install bun, or see https://bun.com",
  deno: "npm install deno, or see https://deno.com",
};

/** A runtime's program: of the project's node_modules, else of the PATH. */
export function find(runtime: RuntimeName): string | undefined {
  if (runtime === running()) return process.execPath;
  for (const start of [process.cwd(), dirname(ENTRY)])
    for (let folder = start; ; folder = dirname(folder)) {
      const found = inModules(runtime, join(folder, "node_modules"));
      if (found !== undefined) return found;
      if (folder === dirname(folder)) break;
    }
  return onPath(runtime);
}

function inModules(runtime: RuntimeName, modules: string): string | undefined {
  if (runtime === "node" || !existsSync(modules)) return undefined;
  // bun's install script moves the binary; without the script it is still where it was
  if (runtime === "bun") return program(join(modules, "bun/bin/bun.exe")) ?? inScope(join(modules, "@oven"), "bin/bun");
  return inScope(join(modules, "@deno"), process.platform === "win32" ? "deno.exe" : "deno");
}

/** npm installs of the packages of a scope the one that fits this machine. */
function inScope(scope: string, path: string): string | undefined {
  if (!existsSync(scope)) return undefined;
  for (const name of readdirSync(scope)) {
    const found = program(join(scope, name, path));
    if (found !== undefined) return found;
  }
  return undefined;
}

function onPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    // in .bin are shims, and to end a shim leaves the server behind it alive; `bun --bun` has a folder in which node is Bun
    if (folder === "" || folder.endsWith(`${sep}.bin`) || basename(folder).startsWith("bun-node")) continue;
    const file = join(folder, process.platform === "win32" ? `${name}.exe` : name);
    if (existsSync(file) && !isNodeScript(file)) return file;
  }
  return undefined;
}

/** `npm install -g deno` puts a script there that starts the real one and passes no signals on. */
function isNodeScript(file: string): boolean {
  if (statSync(file).size > 100_000) return false;
  return /^#!.*\bnode\b/.test(readFileSync(file, "utf8"));
}

/** A file that is a program, and no script that explains why there is none. */
function program(file: string): string | undefined {
  return existsSync(file) && statSync(file).size > 1_000_000 ? file : undefined;
}
