import { rmSync } from "node:fs";
import { defineConfig } from "tsup";
import { library } from "../../tsup.base.ts";

const ENTRIES = ["node", "bun", "deno", "workerd", "default"];

// each by itself: bundled together, the types of one entry import the packages of the others
rmSync("dist", { recursive: true, force: true });

export default defineConfig([
  ...ENTRIES.map((entry) => ({ ...library({ [entry]: `src/${entry}.ts` }), clean: false })),
  // each command is a chunk of its own, read when it is asked for
  { ...library({ command: "src/command.ts" }), clean: false, dts: false },
]);
