// The packages as a user has them: installed from tarballs in a folder of their own, and nothing of the repository near.
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RUNTIMES, start, type Process, type Runtime } from "../packages/tsgi/test/command.ts";
import { binary, command, environment, ROOT, startWorkerd } from "../tools/runtimes.mjs";
import { install, manifestOf, PUBLIC, run, specifiersOf, type Installed } from "./packed.ts";

const SPECIFIERS = [...PUBLIC.keys()].flatMap(specifiersOf);

/** A project in JavaScript and TypeScript, as somebody begins one. */
const PROJECT = {
  "app.js": `export const makeHello = (globalConf, { greeting = "Hello" }) => (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [greeting + " " + environ["tsgi.runtime"] + " " + environ.SCRIPT_NAME + "|" + environ.PATH_INFO];
};
export default makeHello({}, {});
`,
  "typed.ts": `import type { App } from "tsgi";
import { text } from "./text.ts";
export const typed: App = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [text];
};
`,
  "text.ts": `export const text: string = "typed";\n`,
  "legacy.js": `import express from "express";
export const router = express().get("/page", (req, res) => res.send("express " + req.baseUrl + " " + req.url));
`,
  "app.ini": `[composite:main]
use = egg:Paste#urlmap
/ = home
/checked = checked
/legacy = legacy
/files = files

[app:home]
use = ./app.js:makeHello
greeting = Welcome

[app:checked]
use = home
filter-with = lint

[filter:lint]
use = egg:Paste#lint

[app:legacy]
tsgi.listener = ./legacy.js:router

[app:files]
use = egg:Paste#static
document_root = %(here)s/public

[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = 0
`,
  "typed.ini": `[app:main]
tsgi.app = ./typed.ts:typed

[server:main]
use = tsgi
port = 0
`,
  "public/a.txt": "a file",
  "asks.mjs": `import app from "./plain.ini";
import { toFetch } from "tsgi";
console.log(await (await toFetch(app)(new Request("http://localhost/"))).text());
`,
  "plain.ini": "[app:main]\nuse = ./app.js:makeHello\n",
};

let installed: Installed;
let project: string;
beforeAll(async () => {
  installed = await install(["express", "esbuild", "rollup", "vite"]);
  project = join(installed.folder, "project");
  for (const [name, text] of Object.entries(PROJECT)) {
    await mkdir(dirname(join(project, name)), { recursive: true });
    await writeFile(join(project, name), text);
  }
});
afterAll(() => installed.remove());

const fixture = async (name: string): Promise<string> => {
  const copy = join(installed.folder, name);
  await copyFile(join(ROOT, "packages/tsgi/test/fixtures", name), copy);
  return copy;
};

/** The command as users of a runtime type it: `npx tsgi`, `bunx --bun tsgi`, `deno run -A npm:tsgi`. */
function tsgi(runtime: Runtime, ...args: string[]): ReturnType<typeof command> {
  const env = environment();
  if (runtime === "bun") return { file: binary("bun"), args: ["x", "--bun", "tsgi", ...args], env };
  if (runtime === "deno") return command("deno", "npm:tsgi", ...args);
  // npx would stand between it and a signal; what it runs is this file, by its first line
  return { file: join(installed.folder, "node_modules/.bin/tsgi"), args, env };
}

async function ended(process: Process): Promise<{ code: number | null; out: string; err: string }> {
  process.child.stdin?.end();
  const code = await process.exited;
  return { code, out: process.out(), err: process.err() };
}

const SERVES = /(?:serves|serving on) (http:\/\/[\d.:]+)/;

const textOf = async (url: string): Promise<string> => (await fetch(url)).text();

describe.each(RUNTIMES)("on %s", (runtime) => {
  test("every export of every package can be imported", async () => {
    const code = `const names = {};
for (const specifier of ${JSON.stringify(SPECIFIERS)}) names[specifier] = Object.keys(await import(specifier)).length;
console.log(JSON.stringify(names));
`;
    await writeFile(join(installed.folder, "all.mjs"), code);
    const { file, args, env } = command(runtime, join(installed.folder, "all.mjs"));
    const { stdout } = await run(file, args, { cwd: installed.folder, env, timeout: 25_000 });
    const names = JSON.parse(stdout) as Record<string, number>;
    expect(Object.keys(names)).toEqual(SPECIFIERS);
    // /register is there for what it does
    expect(SPECIFIERS.filter((specifier) => names[specifier] === 0)).toEqual(["@tsgi/deploy/register"]);
  });

  test("the front door serves", async () => {
    const { file, args, env } = command(runtime, await fixture("serve.mjs"));
    const { stdout, stderr } = await run(file, args, { cwd: installed.folder, env, timeout: 15_000 });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ text: `Hello from ${runtime}` });
  });

  test("tsgi --version and tsgi --help", async () => {
    const version = await ended(start(tsgi(runtime, "--version"), { cwd: project }));
    expect(version).toEqual({ code: 0, out: `${manifestOf(join(ROOT, "packages/tsgi")).version}\n`, err: "" });
    const help = await ended(start(tsgi(runtime, "--help"), { cwd: project }));
    expect([help.code, help.err]).toEqual([0, ""]);
    expect(help.out).toContain("Usage: tsgi");
  });

  test("tsgi check finds nothing wrong in a project of modules, Express and Paste's eggs", async () => {
    const { code, out, err } = await ended(start(tsgi(runtime, "check", "app.ini"), { cwd: project }));
    expect([code, out + err]).toEqual([0, expect.stringContaining("0 errors, 0 warnings")]);
  });

  test("tsgi serve serves it, and ends with status 0", async () => {
    await using server = start(tsgi(runtime, "serve", "app.ini"), { cwd: project });
    const [, url] = await server.says(SERVES);
    expect(await textOf(`${url}/x`)).toBe(`Welcome ${runtime} |/x`);
    expect(await textOf(`${url}/checked/y`)).toBe(`Welcome ${runtime} /checked|/y`);
    expect(await textOf(`${url}/legacy/page`)).toBe("express /legacy /page");
    expect(await textOf(`${url}/files/a.txt`)).toBe("a file");
    server.kill("SIGTERM");
    expect(await server.exited).toBe(0);
  });

  test("tsgi serve serves an app in TypeScript", async () => {
    await using server = start(tsgi(runtime, "serve", "typed.ini"), { cwd: project });
    const [, url] = await server.says(SERVES);
    expect(await textOf(url)).toBe("typed");
  });

  test.each([[[]], [["--bundle"]]])("tsgi build %j: the built server answers as the file does", async (flags) => {
    const out = `built/${runtime}${flags.join("")}.mjs`;
    const args = ["build", "app.ini", "--target", runtime, "--entry", "--out", out, ...flags];
    const built = await ended(start(tsgi(runtime, ...args), { cwd: project }));
    expect([built.code, built.err]).toEqual([0, expect.stringContaining(`wrote ${out} (${runtime})`)]);
    await using server = start(command(runtime, join(project, out)), { cwd: project });
    const [, url] = await server.says(SERVES);
    expect(await textOf(`${url}/checked/y`)).toBe(`Welcome ${runtime} /checked|/y`);
    // Express is CommonJS and requires Node's modules by their short names
    expect(await textOf(`${url}/legacy/page`)).toBe("express /legacy /page");
  });

  test("@tsgi/deploy/register makes an INI file a module", async () => {
    const flag = { node: ["--import", "@tsgi/deploy/register"], bun: ["--preload", "@tsgi/deploy/register"] };
    const before = runtime === "deno" ? ["--preload", "npm:@tsgi/deploy/register"] : flag[runtime];
    const line = command(runtime, join(project, "asks.mjs"));
    const args = [...line.args.slice(0, -1), ...before, ...line.args.slice(-1)];
    expect(await ended(start({ ...line, args }, { cwd: project }))).toEqual({
      code: 0,
      out: "Hello fetch |/\n",
      err: "",
    });
  });

  test("what tsgi create makes is served as it stands", async () => {
    const made = await ended(start(tsgi(runtime, "create", `made-${runtime}`, "--yes"), { cwd: installed.folder }));
    expect([made.code, made.err]).toEqual([0, ""]);
    const cwd = join(installed.folder, `made-${runtime}`);
    // what npm install would do
    await symlink(join(installed.folder, "node_modules"), join(cwd, "node_modules"));
    await using server = start(tsgi(runtime, "serve", "app.ini", "--port", "0"), { cwd });
    const [, url] = await server.says(SERVES);
    expect(await textOf(`${url}/new`)).toBe(`Hello from ${runtime}: /new\n`);
  });
});

test.each<[Runtime, bundler: string, call: string, out: string]>([
  [
    "node",
    "esbuild",
    `import { build } from "esbuild";
await build({ entryPoints: ["asks.mjs"], bundle: true, format: "esm", platform: "node", outfile: "built/esbuild.mjs", plugins: [tsgi()] });`,
    "built/esbuild.mjs",
  ],
  [
    "node",
    "rollup",
    `import { rollup } from "rollup";
const bundle = await rollup({ input: "asks.mjs", external: [/^(?:@tsgi\\/|tsgi$)/], plugins: [tsgi()] });
await bundle.write({ file: "built/rollup.mjs" });`,
    "built/rollup.mjs",
  ],
  [
    "node",
    "vite",
    `import { build } from "vite";
await build({ configFile: false, logLevel: "error", plugins: [tsgi()], build: { ssr: "asks.mjs", outDir: "built/vite" } });`,
    "built/vite/asks.js",
  ],
  [
    "bun",
    "bun",
    `await Bun.build({ entrypoints: ["asks.mjs"], target: "bun", outdir: "built/bun", plugins: [tsgi()] });`,
    "built/bun/asks.js",
  ],
])("on %s, the plugin of %s makes an INI file a module of the bundle", async (runtime, bundler, call, out) => {
  await writeFile(join(project, `by-${bundler}.mjs`), `import tsgi from "@tsgi/deploy/${bundler}";\n${call}\n`);
  const built = await ended(start(command(runtime, join(project, `by-${bundler}.mjs`)), { cwd: project }));
  expect([built.code, built.err]).toEqual([0, ""]);
  const { code, out: said, err } = await ended(start(command(runtime, join(project, out)), { cwd: installed.folder }));
  expect([code, said, err]).toEqual([0, "Hello fetch |/\n", ""]);
});

test("npm's scripts find the command: npx, and `npm run` in a created project", async () => {
  const npx = await run("npx", ["--offline", "tsgi", "--version"], { cwd: project, timeout: 25_000 });
  expect(npx.stdout.trim()).toBe(manifestOf(join(ROOT, "packages/tsgi")).version);
  await ended(start(tsgi("node", "create", "edge", "--template", "worker", "--yes"), { cwd: installed.folder }));
  const cwd = join(installed.folder, "edge");
  const env = { ...process.env, PATH: [join(installed.folder, "node_modules/.bin"), process.env.PATH].join(delimiter) };
  const { stderr } = await run("npm", ["run", "build", "--silent"], { cwd, env, timeout: 25_000 });
  expect(stderr).toContain("wrote dist/app.js (workers)");
  const { child, port, exited } = await startWorkerd(join(cwd, "worker.ts"));
  try {
    expect(await textOf(`http://127.0.0.1:${await port}/x`)).toBe("Hello from workerd: /x\n");
  } finally {
    child.kill();
    await exited;
  }
});

test("the front door serves on workerd, bundled", async () => {
  const { child, port, exited } = await startWorkerd(await fixture("worker.mjs"));
  try {
    const answer = await fetch(`http://127.0.0.1:${await port}/`);
    expect(await answer.json()).toMatchObject({ text: "Hello from workerd" });
  } finally {
    child.kill();
    await exited;
  }
});

test("Node's require gives the same module", async () => {
  const code = 'import("tsgi").then((tsgi) => console.log(require("tsgi").urlmap === tsgi.urlmap))';
  // Node 20.19 and later load ES modules by require, 20 with a warning
  const args = ["--no-warnings", "--input-type=commonjs", "-e", code];
  const { stdout } = await run(process.execPath, args, { cwd: installed.folder });
  expect(stdout.trim()).toBe("true");
});
