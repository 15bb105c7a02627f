import { readdirSync } from "node:fs";
import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

// each built-in stands alone: a compiled app imports those that its file names
const builtins = readdirSync(new URL("src/builtin", import.meta.url))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));

export default defineConfig(
  library({
    index: "src/index.ts",
    compile: "src/compile/compile.ts",
    runtime: "src/compile/runtime.ts",
    ...Object.fromEntries(
      ["vite", "esbuild", "rollup", "bun", "register", "register-hooks"].map((name) => [name, `src/plugin/${name}.ts`]),
    ),
    ...Object.fromEntries(builtins.map((name) => [`builtin/${name}`, `src/builtin/${name}.ts`])),
  }),
);
