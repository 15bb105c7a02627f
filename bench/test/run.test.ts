import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const RUN = fileURLToPath(new URL("../run.mjs", import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [RUN, ...args], { encoding: "utf8", timeout: 20_000 });

test("--help says which workloads and options there are, and measures nothing", () => {
  const { status, stdout } = run("--help");
  expect(status).toBe(0);
  for (const text of ["hello", "download", "--runtime", "--compare"]) expect(stdout).toContain(text);
});

test.each([
  [["hallo"], 'workload "hallo" is none of hello, json'],
  [["--runtime", "node,bnu"], 'runtime "bnu" is none of node, bun, deno, workerd'],
  [["--rounds", "none"], '--rounds "none" is not a number above 0'],
  [["--servers", "bare,srvy"], 'server "srvy" is none of bare, tsgi'],
  [["--fast"], "--fast"],
])("%j is refused before anything is installed or measured", (args, message) => {
  const { status, stderr } = run(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});
