// Two servers listened on one port and shared its requests: outside development mode, which would show source code to
// clients, Bun sets SO_REUSEPORT unless it is told not to.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { command } from "../../../tools/runtimes.mjs";

const run = promisify(execFile);

test("serve rejects when the port is taken", async () => {
  const { file, args, env } = command("bun", fileURLToPath(new URL("fixtures/taken-port.mjs", import.meta.url)));
  const { stdout } = await run(file, args, { env, timeout: 15_000 });
  expect(JSON.parse(stdout)).toEqual({ second: "EADDRINUSE" });
});
