// A signal to npm ends npm and the shell that it starts its script with, and would leave the server behind it alive: the
// script is `exec`, so that no shell stands between.
import { spawn, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { ROOT, RUNTIMES } from "../../../tools/runtimes.mjs";

test.each(RUNTIMES)(
  "npm start -- --runtime %s builds, says where it serves, and ends with npm, status 0",
  async (runtime) => {
    const npm = spawn("npm", ["start", "--", "--runtime", runtime, "--port", "0"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const url = new Promise<string>((resolve, reject) => {
      const collect = (chunk: Buffer): void => {
        output += String(chunk);
        const match = /serves (http:\/\/127\.0\.0\.1:\d+)\//.exec(output);
        if (match !== null) resolve(match[1]);
      };
      npm.stdout.on("data", collect);
      npm.stderr.on("data", collect);
      npm.once("close", () => reject(new Error(`npm start ended: ${output}`)));
    });
    const ended = new Promise<number | null>((resolve) => npm.once("close", resolve));
    const address = await url;
    expect(await (await fetch(`${address}/Start`)).text()).toContain("<h1>Start</h1>");
    npm.kill("SIGTERM");
    expect(await ended).toBe(0);
    await expect(fetch(`${address}/Start`)).rejects.toThrow("fetch failed");
  },
  240_000, // the first one may have to build everything
);

test.each([
  [["--runtime", "ruby"], '--runtime "ruby" is none of node, bun, deno, workers'],
  [["--runtime"], '--runtime "" is none of node, bun, deno, workers'],
  [["--runtime=workers", "--open"], "--open means nothing on Workers: there are --port and pages=FOLDER"],
  [["--runtime=workers", "--port", "65536"], '--port "65536" is not a whole number from 0 to 65535'],
])("%j is one clear line, the usage, and exit status 2", (args, why) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["tools/start.mjs", ...args], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^npm start: .*\nusage: npm start -- /);
  expect(stderr.slice("npm start: ".length).split("\n")[0]).toBe(why);
});
