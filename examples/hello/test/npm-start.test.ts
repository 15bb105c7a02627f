// A signal to npm ended npm and the shell that it starts its script with, and left the server behind: the script is
// `exec`, so that no shell stands between.
import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { ROOT, RUNTIMES } from "../../../tools/runtimes.mjs";

test.each(RUNTIMES)(
  "npm start -- --runtime %s builds, says where it serves, and ends with npm, status 0",
  async (runtime) => {
    const npm = spawn(
      "npm",
      ["start", "--workspace", "@tsgi/example-hello", "--", "--runtime", runtime, "--port", "0"],
      {
        cwd: ROOT,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let output = "";
    const url = new Promise<string>((resolve, reject) => {
      const collect = (chunk: Buffer): void => {
        output += String(chunk);
        const match = /at (http:\/\/127\.0\.0\.1:\d+)\//.exec(output);
        if (match !== null) resolve(match[1]);
      };
      npm.stdout.on("data", collect);
      npm.stderr.on("data", collect);
      npm.once("close", () => reject(new Error(`npm start ended: ${output}`)));
    });
    const ended = new Promise<number | null>((resolve) => npm.once("close", resolve));
    const address = await url;
    expect(await (await fetch(`${address}/hello`)).text()).toBe("Hello World");
    npm.kill("SIGTERM");
    expect(await ended).toBe(0);
    await expect(fetch(`${address}/hello`)).rejects.toThrow("fetch failed");
  },
  60_000,
);
