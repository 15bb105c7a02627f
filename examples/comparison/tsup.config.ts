import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

export default defineConfig({
  ...library({ node: "src/servers/node.ts", bun: "src/servers/bun.ts", deno: "src/servers/deno.ts" }),
  dts: false,
});
