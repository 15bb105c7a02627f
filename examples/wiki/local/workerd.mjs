// The wiki as a Worker on this machine: workers.ini compiled and bundled, and workerd with stand-ins for what the
// platform has: a KV namespace that begins with the pages of a folder, and the static files.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@tsgi/deploy/compile";
import { bundleWorker, serveWorkerd } from "../../../tools/runtimes.mjs";

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
  try {
    await bundle(folder);
    await writeFile(join(folder, "pages.json"), JSON.stringify(await pagesOf(pages)));
    await writeFile(join(folder, "kv.mjs"), await readFile(new URL("kv.mjs", import.meta.url)));
    await writeFile(join(folder, "config.capnp"), configOf(port));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return serveWorkerd(folder);
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
