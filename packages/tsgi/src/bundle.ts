import { builtinModules } from "node:module";
import process from "node:process";
import type { Plugin } from "esbuild";
import { Failure } from "./failure.ts";

/** Where a module will run. */
export type BuildTarget = "workers" | "node" | "bun" | "deno" | "fetch";

/** What a bundler chooses of packages that have something for one runtime only. */
const CONDITIONS: Record<BuildTarget, string[]> = {
  workers: ["workerd", "worker", "import"],
  node: ["node", "import"],
  bun: ["bun", "import"],
  deno: ["deno", "import"],
  fetch: ["import"],
};

/**
 * Puts everything that a module imports into its file.
 *
 * @param builtins whether what runs it has Node's own modules
 * @throws (rejects) Failure without esbuild, which is the user's to install
 */
export async function bundle(file: string, target: BuildTarget, builtins: boolean): Promise<void> {
  let esbuild: typeof import("esbuild");
  try {
    esbuild = await ofProject().catch(() => import("esbuild"));
  } catch (cause) {
    throw new Failure("--bundle needs esbuild: npm install --save-dev esbuild", { cause });
  }
  await esbuild.build({
    entryPoints: [file],
    outfile: file,
    allowOverwrite: true,
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: target === "node" ? "node" : "neutral",
    mainFields: ["module", "main"],
    conditions: CONDITIONS[target],
    external: ["node:*", "cloudflare:*", "bun", "bun:*", "jsr:*", "npm:*"],
    plugins: builtins ? [NODE_BUILTINS] : [],
    sourcemap: true,
    logLevel: "error",
  });
}

/** The project's own: a command that npx keeps in its cache has none beside it. */
async function ofProject(): Promise<typeof import("esbuild")> {
  const { importFrom } = await import("@tsgi/deploy");
  return (await importFrom("esbuild", process.cwd())) as typeof import("esbuild");
}

/** Node's modules without `node:`. Bun counts its own among them, and packages that it brings along. */
const BARE = builtinModules.filter((name) => !/^(?:bun|undici$|ws$)/.test(name)).join("|");

/**
 * Packages in CommonJS, such as Express, say `require("tty")`. An ES module has no require, only Node knows the name
 * without `node:`, and esbuild leaves the call as it is: it throws when the bundle starts. So it becomes an import.
 */
const NODE_BUILTINS: Plugin = {
  name: "node-builtins",
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(?:node:.+|${BARE})$`) }, ({ path, kind }) => {
      const url = path.startsWith("node:") ? path : `node:${path}`;
      return kind === "require-call" ? { path: url, namespace: "required" } : { path: url, external: true };
    });
    build.onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({
      contents: `import builtin from ${JSON.stringify(path)};\nmodule.exports = builtin;\n`,
    }));
  },
};
