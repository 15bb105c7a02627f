// A server in a process of its own, pinned to one core.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, bundleWorker, environment } from "../tools/runtimes.mjs";
import { commandOf, serverFile } from "./contenders.mjs";
import { allowedCores } from "./proc.mjs";

/** The core of the server, and the one of the load generator and of this program: far apart, no two halves of one. */
const cores = allowedCores();
export const SERVER_CORE = String(cores.at(0) ?? 0);
export const LOAD_CORE = String(cores.at(-1) ?? 0);

/** No server takes this long to listen; hono with 10,000 mounts takes the longest. */
const PATIENCE = 120_000;

/**
 * How a contender is started: what has to be made beforehand (workerd's bundle) is made here, once for all rounds.
 *
 * @returns `{ start(), dispose() }`; `start` gives a running server
 */
export async function launcher({ runtime, server, workload, option, node, files = 0 }) {
  if (runtime === "workerd") return workerdLauncher(server, workload, option, files);
  const command = commandOf(runtime, server, workload, option, node);
  return { start: () => startServer({ ...command, files, read: "stdout" }), dispose: async () => {} };
}

async function workerdLauncher(server, workload, option, files) {
  const scratch = await mkdtemp(join(tmpdir(), "tsgi-bench-"));
  await bundle(server, workload, option, scratch);
  await writeFile(
    join(scratch, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  compatibilityDate = "2025-09-01",
  compatibilityFlags = ["enable_request_signal"]
);
`,
  );
  const args = ["serve", join(scratch, "config.capnp"), "--control-fd=3"];
  return {
    start: () => startServer({ file: binary("workers"), args, env: environment(), files, read: "control" }),
    dispose: () => rm(scratch, { recursive: true, force: true }),
  };
}

/** workerd's module: the server's file, given its workload. */
async function bundle(server, workload, option, scratch) {
  const entry = join(scratch, "entry.mjs");
  const file = JSON.stringify(serverFile("workerd", server, workload));
  const given = `${JSON.stringify(workload)}, ${JSON.stringify(option)}`;
  const made = workload === "start" ? "make" : `make(${given})`;
  await writeFile(entry, `import make from ${file};\nexport default ${made};\n`);
  // the entry is in a scratch folder; packages are looked up from the server's own file
  await bundleWorker(entry, join(scratch, "worker.mjs"));
}

/** A whole worker that says hello, bundled and minified as a user would deploy it. */
export async function workerBundle(server) {
  const scratch = await mkdtemp(join(tmpdir(), "tsgi-bench-"));
  try {
    const outfile = join(scratch, "worker.mjs");
    await bundleWorker(serverFile("workerd", server, "start"), outfile, { minify: true });
    return await readFile(outfile);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Servers that run: none stays behind when the benchmark is ended. */
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

async function startServer({ file, args, env, files, read }) {
  // sh raises the limit of open files and is replaced by the server, so that the process id is the server's
  const limit = files > 0 ? `ulimit -n ${files} && ` : "";
  const script = `${limit}exec taskset -c ${SERVER_CORE} "$0" "$@"`;
  const began = performance.now();
  const child = spawn("sh", ["-c", script, file, ...args], {
    stdio: ["ignore", "pipe", "pipe", read === "control" ? "pipe" : "ignore"],
    env: { ...env, NODE_ENV: "production" },
  });
  running.add(child);
  let said = "";
  const remember = (chunk) => (said = (said + chunk).slice(-20_000));
  child.stdout.on("data", remember);
  child.stderr.on("data", remember);
  let ended = false;
  const exited = new Promise((resolve) => {
    child.once("error", (error) => {
      remember(error.message);
      resolve();
    });
    child.once("exit", resolve);
  }).then(() => {
    ended = true;
    running.delete(child);
  });
  const stop = async () => {
    if (ended) return;
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), 2000);
    await exited;
    clearTimeout(force);
  };
  try {
    const port = await listening(read === "control" ? child.stdio[3] : child.stdout, exited, () => said);
    return { pid: child.pid, port, began, output: () => said, alive: () => !ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listening(stream, exited, said) {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error(`the server does not listen: ${said().trim()}`)), PATIENCE);
    let text = "";
    stream.on("data", (chunk) => {
      text += chunk;
      const line = /^\{.*"port":\s*(\d+).*\}$/m.exec(text);
      if (line === null) return;
      clearTimeout(patience);
      resolve(Number(line[1]));
    });
    void exited.then(() => {
      clearTimeout(patience);
      reject(new Error(`the server ended before it listened: ${said().trim()}`));
    });
  });
}
