import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

export default defineConfig(
  library({
    node: "src/node.ts",
    bun: "src/bun.ts",
    deno: "src/deno.ts",
    workerd: "src/workerd.ts",
    default: "src/default.ts",
  }),
);
