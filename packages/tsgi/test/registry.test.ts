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
let published: string;
const STAMP = `export const stamp = (globalConf, { value }) => (app) => (environ, startResponse) =>
  app(environ, (status, headers) => startResponse(status, [...headers, ["X-Stamp", value]]));
`;

// Packages that say what they offer in the field tsgi alone; most packages do not export their package.json.
const PUBLISHED = {
  "stamp/package.json": JSON.stringify({
    name: "@acme/stamp",
    version: "1.2.0",
    type: "module",
    exports: { "./filters": { import: "./dist/stamp.js" } },
    tsgi: { filter_factory: { main: "./filters#stamp", file: "./dist/stamp.js#stamp" } },
  }),
  "stamp/dist/stamp.js": STAMP,
  "plain/package.json": JSON.stringify({
    name: "acme-plain",
    version: "1.0.0",
    type: "module",
    tsgi: { filter_factory: { main: "./stamp.js#stamp" } },
  }),
  "plain/stamp.js": STAMP,
};

const PARTS = `[pipeline:main]
pipeline = log exported file plain mapped egg home

[app:home]
tsgi.app = ./hello.mjs

[filter:log]
use = npm:@tsgi/middleware#access-log

[filter:exported]
use = npm:@acme/stamp
value = exported

[filter:file]
use = npm:@acme/stamp#file
value = file

[filter:plain]
use = npm:acme-plain
value = plain

[filter:mapped]
use = npm:stamps
value = mapped

[filter:egg]
require = stamps
use = egg:stamps#file
value = egg

[server:main]
use = npm:@tsgi/deno#main
port = 0
`;

const FAULTS = `[filter:a]
use = npm:acme-nowhere
[filter:b]
use = npm:@acme/stamp#flie
[filter:c]
use = npm:commander
[filter:d]
require = acme-plain
use = egg:stamps
value = d
`;

beforeAll(async () => {
  published = await scratch(PUBLISHED);
  npm = await registry(join(published, "stamp"), join(published, "plain"));
  folder = await scratch({
    "hello.mjs": `export default (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["Hello from " + environ["tsgi.runtime"]];
};
`,
    "deno.json": '{ "imports": { "@/": "./lib/", "stamps": "npm:@acme/stamp@^1.0.0" }, "lock": false }',
    "lib/greeting.ts": 'export const greeting: string = "Hello by the import map";\n',
    "mapped.ts": `import { greeting } from "@/greeting.ts";
export default { fetch: (): Response => new Response(greeting) };
`,
    "app.ini": "[app:main]\ntsgi.fetch = ./mapped.ts\n\n[server:main]\nuse = tsgi\nport = 0\n",
    "parts.ini": PARTS,
    "faults.ini": FAULTS,
  });
});
afterAll(async () => {
  await npm[Symbol.asyncDispose]();
  for (const each of [folder, published]) await rm(each, { recursive: true, force: true });
});

async function scratch(files: Readonly<Record<string, string>>): Promise<string> {
  // Deno knows a file by its real path, and on macOS the folder for scratch files is a link
  const made = await realpath(await mkdtemp(join(tmpdir(), "tsgi-empty-")));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(made, name)), { recursive: true });
    await writeFile(join(made, name), text);
  }
  return made;
}

/** What is typed in an empty folder. */
const TYPED = {
  npx: () => ({ file: "npx", args: ["--yes", "tsgi"] }),
  "bunx --bun": () => ({ file: binary("bun"), args: ["x", "--bun", "tsgi"] }),
  "deno run -A npm:": () => ({ file: binary("deno"), args: ["run", "-A", "npm:tsgi"] }),
};
type Typed = keyof typeof TYPED;

function environment(): NodeJS.ProcessEnv {
  const paths = [dirname(binary("bun")), dirname(binary("deno")), dirname(process.execPath), process.env.PATH];
  return { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...npm.env, PATH: paths.join(delimiter) };
}

function launch(typed: Typed, args: readonly string[], options: Options = {}): Process {
  const { file, args: before } = TYPED[typed]();
  const line: ReturnType<typeof command> = { file, args: [...before, ...args], env: environment() };
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

// Incident: Deno's cache of npm is no node_modules. There a package with a field tsgi, TSGI's own among them, was "not
// found", since the field was looked for in folders alone.
describe("deno run -A npm:tsgi in a folder with a deno.json alone", () => {
  test("finds what packages of npm and of the import map offer in their field tsgi", async () => {
    await using server = launch("deno run -A npm:", ["serve", "parts.ini"]);
    const [, url] = await server.says(/serves (http\S+)\//);
    const answer = await fetch(url);
    expect(answer.headers.get("X-Stamp")).toBe("egg, mapped, plain, file, exported");
    expect(await answer.text()).toBe("Hello from deno");
    await server.says(/"GET \/ HTTP\/1\.1" 200/);
  });

  // the module imported paths in Deno's cache, which Deno refuses: "Could not find referrer npm package"
  test("build --target deno writes a module that Deno serves", async () => {
    const { code, err } = await run(
      "deno run -A npm:",
      "build",
      "parts.ini",
      "--target",
      "deno",
      "--entry",
      "--out",
      "made.js",
    );
    expect(code, err).toBe(0);
    const line = { file: binary("deno"), args: ["run", "-A", "made.js"], env: environment() };
    await using server = start(line, { cwd: folder });
    const [, url] = await server.says(/serving on (http\S+)\n/);
    const answer = await fetch(url);
    expect(answer.headers.get("X-Stamp")).toBe("egg, mapped, plain, file, exported");
    expect(await answer.text()).toBe("Hello from deno");
  });

  test("says which package is not there, which offers nothing, and which has another entry point", async () => {
    const { code, err, out } = await run("deno run -A npm:", "check", "faults.ini");
    const said = (out + err).split("\n").filter((line) => line.startsWith("faults.ini:"));
    expect([said, code]).toEqual([
      [
        expect.stringMatching(
          /^faults\.ini:2:1: error: No package 'acme-nowhere' was found .* deno add npm:acme-nowhere$/,
        ),
        expect.stringMatching(/^faults\.ini:4:1: error: Entry point 'flie' not found .*did you mean 'file'/),
        expect.stringMatching(/^faults\.ini:6:1: error: package 'commander' offers nothing/),
        // what a distribution requires is not downloaded
        expect.stringMatching(/^faults\.ini:8:1: error: No package 'acme-plain' was found/),
      ],
      1,
    ]);
  });
});
