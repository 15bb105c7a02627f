// A handler passed on a Response whose body somebody was reading, and a filter had changed its head: a new one could not be
// made of it, which nobody caught, and Deno ended the process over the rejection. The same where somebody had asked for
// `tsgi.signal`. Without either the answer was an empty 503.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { command } from "../../../tools/runtimes.mjs";

const run = promisify(execFile);

test("a Response whose body is being read is a 500 that is logged, behind filters too", async () => {
  const { file, args, env } = command("deno", fileURLToPath(new URL("fixtures/locked-response.mjs", import.meta.url)));
  const { stdout } = await run(file, args, { env, timeout: 15_000 });
  const { answers, log, unhandled } = JSON.parse(stdout);
  expect(unhandled).toEqual([]);
  expect(answers).toEqual(Array(3).fill("500 Internal Server Error"));
  expect(log.join("")).toContain(
    'tsgi: GET "/plain": TypeError: fromFetch: the handler returned a Response whose body',
  );
  for (const path of ["/head", "/signal"])
    expect(log.join("")).toContain(`tsgi: GET "${path}": TypeError: ReadableStream is locked`);
});
