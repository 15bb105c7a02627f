import { fileURLToPath } from "node:url";
import { factorySuite } from "./factory/suite.ts";

factorySuite({
  name: "node",
  command: [process.execPath, fileURLToPath(new URL("fixtures/factory.mjs", import.meta.url))],
});
