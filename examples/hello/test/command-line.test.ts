import { expect, test } from "vitest";
import { run } from "./started.ts";

const USAGE = "usage: npm start -- [--runtime node|bun|deno|workers] [--port N]\n";

test.each([
  [["--bogus"], "Unknown option '--bogus'"],
  [["extra"], "Unexpected argument 'extra'"],
  [["--port"], "Option '--port <value>' argument missing"],
  [["--runtime", "ruby"], '--runtime "ruby" is none of node, bun, deno, workers'],
  [["--port", "80a"], '--port "80a" is not a whole number from 0 to 65535'],
  [["--port", "65536"], '--port "65536" is not a whole number from 0 to 65535'],
])("%j is one clear line, the usage, and exit status 2", async (args, why) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe(`hello: ${why}\n${USAGE}`);
});

test("--help prints the usage", async () => {
  expect(await run("--help")).toEqual({ code: 0, stdout: USAGE, stderr: "" });
});
