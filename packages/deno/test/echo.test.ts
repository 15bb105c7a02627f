// An app that sent back what came of a chunked body, piece by piece, hung after the second: Deno handed over no more of it.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { command } from "../../../tools/runtimes.mjs";

const run = promisify(execFile);

test("a body is sent back while it comes, to its end", async () => {
  const { file, args, env } = command("deno", fileURLToPath(new URL("fixtures/echo.mjs", import.meta.url)));
  const { stdout } = await run(file, args, { env, timeout: 15_000 });
  const whole = "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n";
  expect(JSON.parse(stdout)).toEqual([whole, whole]);
});
