// A filter that added one field to a fetch handler's Response had its body asked for, too, to learn whether there is one:
// Deno then sends even a text in chunks, without its length, at a quarter of the speed.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { command } from "../../../tools/runtimes.mjs";

const run = promisify(execFile);

test("a Response that a filter appends a field to keeps its length, and one that is shared gets no other client's", async () => {
  const { file, args, env } = command("deno", fileURLToPath(new URL("fixtures/appended-field.mjs", import.meta.url)));
  const { stdout } = await run(file, args, { env, timeout: 15_000 });
  expect(JSON.parse(stdout)).toEqual([
    ["5", "1", null],
    ["0", "2", "1"],
    ["0", "3", "1"],
    ["0", null, "1"],
  ]);
});
