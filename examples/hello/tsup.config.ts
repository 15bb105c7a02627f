import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

export default defineConfig({
  ...library({ node: "src/node.ts", bun: "src/bun.ts", deno: "src/deno.ts", worker: "src/worker.ts" }),
  dts: false,
});
