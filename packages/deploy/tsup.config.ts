import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

// each built-in stands alone: a compiled app imports those that its file names
const { exports } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { exports: object };
const builtins = Object.keys(exports).flatMap((name) => /^\.\/(builtin\/.*)$/.exec(name)?.[1] ?? []);
const plugins = ["vite", "esbuild", "rollup", "bun", "register", "register-hooks"];

export default defineConfig(
  library({
    index: "src/index.ts",
    compile: "src/compile/compile.ts",
    logging: "src/logging/index.ts",
    runtime: "src/compile/runtime.ts",
    ...Object.fromEntries(plugins.map((name) => [name, `src/plugin/${name}.ts`])),
    ...Object.fromEntries(builtins.map((name) => [name, `src/${name}.ts`])),
  }),
);
