import { fileURLToPath } from "node:url";
import { command } from "../../../tools/runtimes.mjs";
import { serveSuite } from "../../node/test/serving/suite.ts";

const { file, args } = command("deno", fileURLToPath(new URL("fixtures/serve.mjs", import.meta.url)));

serveSuite({
  name: "deno",
  command: [file, ...args],
  fd: false,
  silentWhileReading: "Deno 2.9 aborts its request.signal only once the request has been answered",
  // Deno says once that its request.signal aborts after success too (ours does not), and prints the error of a stream
  // that was broken off, which its log has already
  noise: /request\.signal aborts on successful responses|^Error: the answer was broken off|^    at /,
});
