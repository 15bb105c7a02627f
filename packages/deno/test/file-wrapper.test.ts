// `tsgi.file_wrapper` called `read(size)` of a file, which neither Deno's own kind of file nor Node's has.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { command } from "../../../tools/runtimes.mjs";

const run = promisify(execFile);

test("tsgi.file_wrapper gives what Deno.open and node:fs/promises open, and closes it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tsgi-file-"));
  try {
    const path = join(folder, "ten");
    await writeFile(path, "0123456789");
    const fixture = fileURLToPath(new URL("fixtures/file-wrapper.mjs", import.meta.url));
    const { file, args, env } = command("deno", fixture);
    const { stdout } = await run(file, [...args, path], { env, timeout: 15_000 });
    expect(JSON.parse(stdout)).toEqual({ answers: ["0123456789", "closed", "0123456789", "closed"], log: [] });
  } finally {
    await rm(folder, { recursive: true });
  }
});
