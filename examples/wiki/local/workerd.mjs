// The wiki as a Worker on this machine: workers.ini compiled and bundled, and workerd with stand-ins for what the
// platform has: a KV namespace that begins with the pages of a folder, and the static files.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@tsgi/deploy/compile";
import { binary, bundleWorker, environment } from "../../../tools/runtimes.mjs";

const WIKI = fileURLToPath(new URL("..", import.meta.url));

/**
 * Starts the wiki in workerd.
 *
 * @param port 0 for a free one
 * @param pages the folder whose pages the namespace begins with
 * @returns `{ child, port, exited }`; `port` and `exited` are promises, and `port` rejects with what workerd said when it
 *   ended before it listened
 */
export async function startWorker({ port = 0, pages = join(WIKI, "pages") } = {}) {
  await mkdir(join(WIKI, "dist"), { recursive: true });
  const folder = await mkdtemp(join(WIKI, "dist/worker-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await bundle(folder);
    await writeFile(join(folder, "pages.json"), JSON.stringify(await pagesOf(pages)));
    await writeFile(join(folder, "kv.mjs"), await readFile(new URL("kv.mjs", import.meta.url)));
    await writeFile(join(folder, "config.capnp"), configOf(port));
  } catch (error) {
    await remove();
    throw error;
  }
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
    await remove();
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

async function bundle(folder) {
  const compiled = join(folder, "compiled.mjs");
  const { code } = await compile(`config:${join(WIKI, "workers.ini")}`, {
    target: "workers",
    entry: true,
    nodejsCompat: true,
    out: compiled,
  });
  await writeFile(compiled, code);
  await bundleWorker(compiled, join(folder, "worker.mjs"), {
    platform: "node",
    external: ["cloudflare:*"],
    // what Express and its packages, which are CommonJS, ask for node's modules by
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire("file:///worker.mjs");` },
  });
}

async function pagesOf(folder) {
  const files = (await readdir(folder)).filter((file) => /^[^.].*\.md$/.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return Object.fromEntries(files.map((file, i) => [file.slice(0, -3).normalize("NFC"), texts[i]]));
}

// the date from which Workers have the modules of Node that Express asks for
const configOf = (port) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "kv", worker = .kv),
    (name = "static", disk = ${JSON.stringify(join(WIKI, "static"))}),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  bindings = [
    (name = "WIKI", kvNamespace = "kv"),
    (name = "ASSETS", service = "static"),
  ],
  compatibilityDate = "2026-10-01",
  compatibilityFlags = ["enable_request_signal"],
);
const kv :Workerd.Worker = (
  modules = [
    (name = "kv", esModule = embed "kv.mjs"),
    (name = "pages", json = embed "pages.json"),
  ],
  compatibilityDate = "2026-10-01",
);
`;
