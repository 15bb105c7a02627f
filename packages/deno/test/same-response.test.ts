// A Response made once and returned for every request ended the process at the second one: Deno refuses it outside of
// any handler, as a rejection that nobody can catch, and its `bodyUsed` stays false once `body` was looked at.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { command } from "../../../tools/runtimes.mjs";

const run = promisify(execFile);

test("a Response that is returned again is a 500 that says why; one without a body may be", async () => {
  const { file, args, env } = command("deno", fileURLToPath(new URL("fixtures/same-response.mjs", import.meta.url)));
  const { stdout } = await run(file, args, { env, timeout: 15_000 });
  const { answers, log, unhandled } = JSON.parse(stdout);
  expect(unhandled).toEqual([]);
  expect(answers).toEqual(["200 a page", "500 Internal Server Error", "204 ", "204 "]);
  expect(log).toEqual([expect.stringContaining("body was already read; return a clone")]);
});
