import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runtimes } from "@tsgi/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder: string;
let hello: string;
let broken: string;
let talking: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tsgi-launchers-"));
  hello = join(folder, "hello.mjs");
  broken = join(folder, "broken.mjs");
  await writeFile(
    hello,
    `export default (environ, start) => {
  start("200 OK", [["Content-Type", "text/plain"]]);
  return [environ["tsgi.runtime"] + " " + environ["tsgi.bindings"].GREETING];
};
`,
  );
  talking = join(folder, "talking.mjs");
  await writeFile(
    talking,
    `console.log({ event: "listen" });
console.log('{"level":30,"event":"listen?"}');
globalThis.process?.stdout.write("loading ...");
export default (environ, start) => {
  start("200 OK", [["Content-Type", "text/plain"]]);
  return ["ok"];
};
`,
  );
  await writeFile(broken, `throw new Error("broken on purpose");\n`);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function refuses(url: string): Promise<boolean> {
  for (let i = 0; i < 100; i++) {
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (!answered) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

test("all four runtimes are found", () => {
  expect(runtimes().map(({ name }) => name)).toEqual(["node", "bun", "deno", "workerd"]);
});

describe.each(runtimes().map((runtime) => [runtime.name, runtime] as const))("%s", (name, runtime) => {
  test("serves an app module with the variables it is given, and stops", async () => {
    const server = await runtime.start(hello, { env: { GREETING: "hello" } });
    expect(await (await fetch(server.url)).text()).toBe(`${name} hello`);
    expect(server.alive()).toBe(true);
    await server.stop();
    expect(server.alive()).toBe(false);
    expect(await refuses(server.url)).toBe(true);
  });

  // A logger's line of JSON was taken for the server's, whose URL then was "undefined"; an object that console.log shows
  // ended the process that had started the server.
  test("takes nothing that the app prints for the place where it listens", async () => {
    const server = await runtime.start(talking);
    try {
      expect((await fetch(server.url)).status).toBe(200);
      expect(server.output()).toContain('{"level":30,"event":"listen?"}');
    } finally {
      await server.stop();
    }
  });

  test("says what a module printed that does not load", async () => {
    // a Worker fails when it is bundled and started, the others when they import the module
    await expect(runtime.start(broken)).rejects.toThrow(/broken on purpose/);
  });

  test("leaves no server behind when the process that started it is killed", async () => {
    const kit = pathToFileURL(fileURLToPath(new URL("../packages/testing/dist/index.js", import.meta.url))).href;
    const script = `
const { runtimes } = await import(${JSON.stringify(kit)});
const server = await runtimes().find(({ name }) => name === ${JSON.stringify(name)}).start(${JSON.stringify(hello)});
console.log(server.url);
await new Promise(() => setInterval(() => {}, 1000));`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const url = await new Promise<string>((resolve, reject) => {
      parent.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
      parent.once("exit", () => reject(new Error("the parent ended before its server listened")));
    });
    expect((await fetch(url)).status).toBe(200);
    parent.removeAllListeners("exit");
    parent.kill("SIGKILL");
    expect(await refuses(url)).toBe(true);
  });
});
