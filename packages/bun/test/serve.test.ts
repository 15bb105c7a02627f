import { fileURLToPath } from "node:url";
import { bunCommand } from "../../node/test/serving/subjects.ts";
import { serveSuite } from "../../node/test/serving/suite.ts";

serveSuite({
  name: "bun",
  command: [...bunCommand(), fileURLToPath(new URL("fixtures/serve.mjs", import.meta.url))],
  fd: false,
});
