import { fileURLToPath } from "node:url";
import { binary } from "../../../tools/runtimes.mjs";
import { serveSuite } from "../../node/test/serving/suite.ts";

serveSuite({
  name: "bun",
  command: [binary("bun"), fileURLToPath(new URL("fixtures/serve.mjs", import.meta.url))],
  fd: false,
});
