// The real binaries of the four runtimes, and how a program is started with each. The shims that npm puts in .bin are
// never used: a signal to one of those leaves the server behind it alive.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);

/** The repository. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

export const RUNTIMES = ["node", "bun", "deno", "workers"];

/** The path of a runtime's binary. */
export function binary(runtime) {
  if (runtime === "node") return process.execPath;
  if (runtime === "workers") return require("workerd").default;
  const modules = join(ROOT, "node_modules");
  if (runtime === "bun") {
    // bun's install script moves the binary; without the script it is still where it was
    const moved = join(modules, "bun/bin/bun.exe");
    return existsSync(moved) ? moved : join(onlyFolder(join(modules, "@oven")), "bin/bun");
  }
  if (runtime === "deno")
    return join(onlyFolder(join(modules, "@deno")), process.platform === "win32" ? "deno.exe" : "deno");
  throw new TypeError(`runtime ${JSON.stringify(runtime)} is none of ${RUNTIMES.join(", ")}`);
}

/** npm installs the one package that fits this machine. */
function onlyFolder(scope) {
  const [found] = existsSync(scope) ? readdirSync(scope) : [];
  if (found === undefined) throw new Error(`nothing is installed in ${scope}; run npm ci`);
  return join(scope, found);
}

/** How Node, Bun or Deno runs a file. */
export function command(runtime, file, ...args) {
  const before = { node: [], bun: ["--bun"], deno: ["run", "-A", "--no-lock", "--cached-only"] }[runtime];
  return { file: binary(runtime), args: [...before, file, ...args], env: environment() };
}

/** The environment of a child: no runtime looks for its own updates, and Deno's cache stays out of the home folder. */
export function environment() {
  const DENO_DIR = process.env.DENO_DIR ?? join(ROOT, "node_modules/.cache/deno");
  return { ...process.env, DENO_DIR, DENO_NO_UPDATE_CHECK: "1", TURBO_TELEMETRY_DISABLED: "1" };
}

/** Bundles a worker into one module; its packages come from where the entry stands. */
export async function bundleWorker(entry, outfile, options = {}) {
  const { build } = await import("esbuild");
  return build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: ["workerd", "worker", "import"],
    external: ["cloudflare:*"],
    logLevel: "error",
    ...options,
  });
}

/**
 * Serves a worker module with workerd, in a scratch folder that goes with it.
 *
 * @param module the bundled worker
 * @param options `port` (default 0, a free one), `bindings` (text by name), `stdio` of the process's output
 * @returns `{ child, port, exited }`; `port` and `exited` are promises, and `port` rejects with what workerd said when
 *   it ended before it listened
 */
export async function startWorkerd(entry, { port = 0, bindings = {} } = {}) {
  const scratch = await mkdtemp(join(tmpdir(), "tsgi-worker-"));
  await bundleWorker(entry, join(scratch, "worker.mjs"));
  const texts = Object.entries(bindings).map(([name, text]) => `(name = ${capnp(name)}, text = ${capnp(text)})`);
  await writeFile(
    join(scratch, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  bindings = [${texts.join(", ")}],
  compatibilityDate = "2025-09-01",
  compatibilityFlags = ["enable_request_signal"]
);
`,
  );
  return serveWorkerd(scratch);
}

/**
 * Starts workerd on the `config.capnp` of a folder, which is removed when it has ended.
 *
 * @returns what `startWorkerd` does
 */
export function serveWorkerd(folder) {
  const child = spawn(binary("workers"), ["serve", join(folder, "config.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: environment(),
  });
  let said = "";
  const remember = (chunk) => (said += chunk);
  child.stderr.on("data", remember);
  const exited = new Promise((resolve) => {
    child.once("error", (error) => {
      said += error.message;
      resolve(1);
    });
    child.once("exit", (code) => resolve(code));
  }).then(async (code) => {
    await rm(folder, { recursive: true, force: true });
    return code;
  });
  const listening = new Promise((resolve, reject) => {
    let events = "";
    child.stdio[3].on("data", (chunk) => {
      events += chunk;
      const line = /^\{"event":"listen".*\}$/m.exec(events);
      if (line === null) return;
      child.stderr.off("data", remember);
      resolve(JSON.parse(line[0]).port);
    });
    void exited.then(() => reject(new Error(`workerd did not start: ${said.trim()}`)));
  });
  listening.catch(() => {});
  return { child, port: listening, exited };
}

/** A text literal of Cap'n Proto. */
function capnp(text) {
  return JSON.stringify(text);
}
