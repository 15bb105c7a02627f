import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { entryOf, resolveFrom } from "./find.ts";

/** A Worker as workerd runs it: one bundled module and the configuration beside it. */
export interface Bundle {
  readonly config: string;
  remove(): Promise<void>;
}

interface Esbuild {
  build(options: object): Promise<{ outputFiles: { text: string }[] }>;
}

/**
 * Bundles an app module and `toWorker` into one Worker.
 *
 * @param appModule the URL of a module whose default export is the app and whose `options`, if any, are the adapter's
 * @throws (rejects) Error when esbuild or the adapter is not installed
 */
export async function bundleWorker(
  appModule: string,
  options: object,
  bindings: Readonly<Record<string, string>>,
): Promise<Bundle> {
  const appFile = fileURLToPath(appModule);
  const found = resolveFrom([appFile], "esbuild");
  if (found === undefined) throw new Error("workerd runs one bundled module: install esbuild");
  const adapter = entryOf(appFile, "@tsgi/workers");
  if (adapter === undefined) throw new Error("install @tsgi/workers to run apps on workerd");
  const loaded = (await import(pathToFileURL(found).href)) as Esbuild & { default?: Esbuild };
  const { outputFiles } = await (loaded.default ?? loaded).build({
    stdin: {
      contents: `
import { toWorker } from ${JSON.stringify(adapter)};
import * as module from ${JSON.stringify(appFile)};
export default toWorker(module.default, { ...module.options, ...${JSON.stringify(options)} });`,
      resolveDir: dirname(appFile),
    },
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "import"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "error",
  });
  const code = outputFiles[0].text;
  const folder = await mkdtemp(join(tmpdir(), "tsgi-worker-"));
  const flags = ["enable_request_signal", ...(/["']node:/.test(code) ? ["nodejs_compat"] : [])];
  const texts = Object.entries(bindings).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`,
  );
  await writeFile(join(folder, "worker.mjs"), code);
  await writeFile(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  compatibilityDate = "2025-09-01",
  compatibilityFlags = [${flags.map((flag) => JSON.stringify(flag)).join(", ")}],
  bindings = [${texts.join(", ")}],
);
`,
  );
  return { config: join(folder, "config.capnp"), remove: () => rm(folder, { recursive: true, force: true }) };
}
