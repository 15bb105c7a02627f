// A server that closed with an answer under way ended its whole process: once Deno.serve shuts down, aborting its
// `signal` throws "BadResource: Bad resource ID" where nothing can catch it.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { command } from "../../../tools/runtimes.mjs";

const run = promisify(execFile);

test("close cuts what is still under way after the grace period, says how many, and the process lives on", async () => {
  const { file, args, env } = command("deno", fileURLToPath(new URL("fixtures/cut.mjs", import.meta.url)));
  const { stdout } = await run(file, args, { env, timeout: 15_000 });
  expect(JSON.parse(stdout)).toEqual({
    ticks: "broken",
    never: 503,
    log: ["tsgi: 3 requests were cut after a grace period of 200 ms\n"],
    inTime: true,
  });
});
