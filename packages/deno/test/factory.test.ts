import { fileURLToPath } from "node:url";
import { command } from "../../../tools/runtimes.mjs";
import { factorySuite } from "../../node/test/factory/suite.ts";

const { file, args } = command("deno", fileURLToPath(new URL("fixtures/factory.mjs", import.meta.url)));

factorySuite({ name: "deno", command: [file, ...args] });
