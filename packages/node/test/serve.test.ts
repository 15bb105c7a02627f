import { fileURLToPath } from "node:url";
import { serveSuite } from "./serving/suite.ts";

// whatever Node has to say of an unhandled rejection or a leak comes out on its error output, which must stay empty
serveSuite({
  name: "node",
  command: [
    process.execPath,
    "--unhandled-rejections=strict",
    "--trace-warnings",
    fileURLToPath(new URL("fixtures/serve.mjs", import.meta.url)),
  ],
  fd: true,
});
