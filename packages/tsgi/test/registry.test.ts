import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binary, type command } from "../../../tools/runtimes.mjs";
import { ended, start, type Options, type Process, type Ran } from "./command.ts";
import { registry, type Registry } from "./registry.ts";

// Incident: from the repository everything ran. From a registry, `deno run -A npm:tsgi serve --reload` did not find the
// package that it was part of, since Deno runs it in a cache that has no node_modules, and neither did `--runtime node`;
// `npx tsgi --runtime deno` did not see the project's deno.json.

let npm: Registry;
let folder: string;
beforeAll(async () => {
  npm = await registry();
  // Deno knows a file by its real path, and on macOS the folder for scratch files is a link
  folder = await realpath(await mkdtemp(join(tmpdir(), "tsgi-empty-")));
  await mkdir(join(folder, "lib"));
  const files = {
    "hello.mjs": `export default (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["Hello from " + environ["tsgi.runtime"]];
};
`,
    "deno.json": '{ "imports": { "@/": "./lib/" }, "lock": false }',
    "lib/greeting.ts": 'export const greeting: string = "Hello by the import map";\n',
    "mapped.ts": `import { greeting } from "@/greeting.ts";
export default { fetch: (): Response => new Response(greeting) };
`,
    "app.ini": "[app:main]\ntsgi.fetch = ./mapped.ts\n\n[server:main]\nuse = tsgi\nport = 0\n",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(async () => {
  await npm[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** What is typed in an empty folder. */
const TYPED = {
  npx: () => ({ file: "npx", args: ["--yes", "tsgi"] }),
  "bunx --bun": () => ({ file: binary("bun"), args: ["x", "--bun", "tsgi"] }),
  "deno run -A npm:": () => ({ file: binary("deno"), args: ["run", "-A", "npm:tsgi"] }),
};
type Typed = keyof typeof TYPED;

function launch(typed: Typed, args: readonly string[], options: Options = {}): Process {
  const { file, args: before } = TYPED[typed]();
  const paths = [dirname(binary("bun")), dirname(binary("deno")), dirname(process.execPath), process.env.PATH];
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...npm.env, PATH: paths.join(delimiter) };
  const line: ReturnType<typeof command> = { file, args: [...before, ...args], env };
  return start(line, { cwd: folder, ...options });
}

const run = (typed: Typed, ...args: string[]): Promise<Ran> => ended(launch(typed, args));

describe.each([
  ["npx", "node"],
  ["bunx --bun", "bun"],
  ["deno run -A npm:", "deno"],
] as const)("%s tsgi in an empty folder", (typed, runtime) => {
  test(`runs on ${runtime}`, async () => {
    const { code, out, err } = await run(typed, "request", "hello.mjs", "/");
    expect([out, code], err).toEqual([`Hello from ${runtime}`, 0]);
  });

  test("--runtime deno sees the import map of the project's deno.json", async () => {
    const { code, out, err } = await run(typed, "request", "app.ini", "/", "--runtime", "deno");
    expect([out, code], err).toEqual(["Hello by the import map", 0]);
  });
});

test("deno run -A npm:tsgi serve --reload serves, and ends with status 0", async () => {
  await using server = launch("deno run -A npm:", ["serve", "app.ini", "--reload"]);
  const [, url] = await server.says(/serves (http\S+)\/ and reloads/);
  expect(await (await fetch(url)).text()).toBe("Hello by the import map");
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
});

test("from Deno's cache no other runtime finds what the command needs, and it says so", async () => {
  const { code, out, err } = await run("deno run -A npm:", "request", "hello.mjs", "/", "--runtime", "node");
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain("tsgi is in Deno's cache alone, where node finds no package; npm install tsgi, or npx tsgi");
});
