import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { command } from "../../../tools/runtimes.mjs";

// The built loader on the real runtimes: TypeScript modules, and what only Deno has. In folders of this package, from
// where each runtime finds it by name.

const HERE = dirname(fileURLToPath(import.meta.url));
const made: string[] = [];

afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true });
});

async function run(runtime: "node" | "bun" | "deno", files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(HERE, "scratch-"));
  made.push(folder);
  for (const [name, text] of Object.entries({ "package.json": '{"type":"module"}', "main.mjs": MAIN, ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const { file, args, env } = command(runtime, join(folder, "main.mjs"));
  const { stdout, stderr } = await promisify(execFile)(file, args, { cwd: folder, env, timeout: 25_000 });
  return { said: JSON.parse(stdout) as Record<string, unknown>, log: stderr };
}

const MAIN = `
import { loadApp, readConfig } from "@tsgi/deploy";
const said = {};
const { objects } = await readConfig("config:app.ini", { relativeTo: import.meta.url });
for (const { name } of objects)
  said[name] = await loadApp("config:app.ini", { name, relativeTo: import.meta.url }).then((app) => app.what, (error) => error.message.replace(/^.*app\\.ini:/, ""));
console.log(JSON.stringify(said));
`;

const STATE = "export const state: { count: number } = { count: 0 };\n";
const COUNTING = `import { state } from "./state.ts";
enum Kind { App = "app" }
type Settings = Readonly<Record<string, string>>;
export const make = (_global: Settings, local: Settings) =>
  Object.assign(() => [], { what: { kind: Kind.App, count: ++state.count, x: local.x } });
`;

describe.each(["node", "bun", "deno"] as const)("on %s", (runtime) => {
  test("modules are TypeScript, enums too; a module that two of them share is one", async () => {
    const ini = "[app:a]\nuse = ./a.ts:make\nx = 1\n[app:b]\nuse = b:make\nx = 2\n[app:c]\nuse = ./none.ts:make\n";
    const { said } = await run(runtime, { "app.ini": ini, "a.ts": COUNTING, "b.ts": COUNTING, "state.ts": STATE });
    expect(said).toEqual({
      a: { kind: "app", count: 1, x: "1" },
      b: { kind: "app", count: 2, x: "2" },
      c: expect.stringMatching(/^8:1: No module '\.\/none\.ts'/),
    });
  });

  test("a module that does not load is told with its place, and what it says itself is not repeated by another loader", async () => {
    const ini = "[app:a]\nuse = ./a.ts:make\n[app:b]\nuse = ./b.mjs:make\n";
    const { said, log } = await run(runtime, {
      "app.ini": ini,
      "a.ts": "throw new Error('no database');",
      "b.mjs": "import './c.mjs';",
    });
    expect(said.a).toMatch(/^2:1: cannot import '\.\/a\.ts:make': no database/);
    expect(said.b).toMatch(/^4:1: cannot import '\.\/b\.mjs:make': .*c\.mjs/);
    expect(log).toBe("");
  });

  test("built-ins, eggs and servers of the file are there", async () => {
    const ini = "[composite:main]\nuse = egg:Paste#urlmap\n/ = a\n[app:a]\nuse = ./a.ts:make\nfilter-with = lint\n";
    const { said } = await run(runtime, { "app.ini": ini, "a.ts": COUNTING, "state.ts": STATE });
    expect(said).toEqual({});
  });
});

describe("a TypeScript module that imports as bundlers do", () => {
  const files = {
    "app.ini": "[app:a]\nuse = ./a.ts:make\n",
    "a.ts": COUNTING.replace("./state.ts", "./state"),
    "state.ts": STATE,
  };

  test("is loaded by jiti on Node and on Bun without a word, since that is how it is loaded there", async () => {
    for (const runtime of ["node", "bun"] as const) {
      const { said, log } = await run(runtime, files);
      expect(said).toEqual({ a: { kind: "app", count: 1 } });
      expect(log).toBe("");
    }
  });

  test("is loaded by jiti on Deno, which says so in one line", async () => {
    const { said, log } = await run("deno", files);
    expect(said).toEqual({ a: { kind: "app", count: 1 } });
    expect(log.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/a\.ts: loaded by jiti, since this runtime does not load it itself: /),
    ]);
  });
});

test("on Deno modules and packages may come from the import map of deno.json", async () => {
  const { said } = await run("deno", {
    "deno.json":
      '{"imports":{"salmon":"./fish.ts","@acme/wiki/tsgi":"./wiki.ts","@acme/pages/":"./pages/"},"nodeModulesDir":"manual"}',
    "app.ini":
      "[app:a]\nuse = salmon:make\nx = 1\n[app:b]\nuse = npm:@acme/wiki#main\nx = 2\n[app:c]\nuse = egg:not-there\n" +
      "[app:d]\nuse = jsr:@acme/wiki\nx = 4\n[app:e]\nuse = npm:@acme/pages\nx = 5\n",
    "pages/package.json": '{"name":"pages","tsgi":{"app_factory":{"main":"./page.ts#make"}}}',
    "pages/page.ts": 'export { make } from "../fish.ts";',
    "fish.ts": COUNTING,
    "wiki.ts":
      'import { make } from "./fish.ts";\nexport const app_factory: Record<string, unknown> = { main: make };\n',
    "state.ts": STATE,
  });
  expect(said).toEqual({
    a: { kind: "app", count: 1, x: "1" },
    b: { kind: "app", count: 2, x: "2" },
    c: expect.stringMatching(/^8:1: No package 'not-there' was found/),
    d: { kind: "app", count: 3, x: "4" },
    e: { kind: "app", count: 4, x: "5" },
  });
});
