import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runtimes, type Started } from "@tsgi/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command, startWorkerd } from "../../../../tools/runtimes.mjs";
import { compile, type CompileOptions } from "../../src/compile/compile.ts";
import { projects } from "./project.ts";

// One file, loaded on Node and compiled for each runtime: all answer the same. In a folder of this package, from where
// each runtime finds the built packages.

const project = projects(dirname(fileURLToPath(import.meta.url)));

const FILES = {
  "app.ini": `[DEFAULT]
greeting = Hello

[composite:main]
use = egg:Paste#urlmap
/ = pages
/api = api
/choice = choice

[pipeline:pages]
pipeline = tag home

[app:home]
use = ./app.mjs:home
name = %(env:WHO|nobody)s
get word = greeting

[filter:tag]
use = ./app.mjs:tag
label = outer
filter-with = inner

[filter:inner]
use = ./app.mjs:tag
label = inner

[app:api]
tsgi.fetch = ./app.mjs:api

[composite:choice]
use = ./app.mjs:choice
first = home
second = api

[server:main]
use = tsgi
port = 0
`,
  "app.mjs": `
let made = 0;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const home = async (globalConf, { name, word }) => {
  await sleep(20); // start-up that takes its time, as a connection does
  if (name === "broken") throw new Error("no database");
  const nth = ++made;
  return (environ, startResponse) => {
    startResponse("200 OK", [["Content-Type", "text/plain"], ["X-Nth", String(nth)]]);
    return [word + " " + name + " at " + environ.SCRIPT_NAME + "|" + environ.PATH_INFO + " " + (environ["my.tags"] ?? "")];
  };
};
export const tag = (globalConf, { label }) => (app) => (environ, startResponse) => {
  environ["my.tags"] = (environ["my.tags"] ?? "") + label + " ";
  return app(environ, startResponse);
};
export const api = (request) => new Response("api " + new URL(request.url).pathname, { status: 201 });
export const choice = async (loader, globalConf, { first, second }) => {
  const apps = { 1: await loader.getApp(first, globalConf), 2: await loader.getApp(second) };
  return (environ, startResponse) => apps[environ.QUERY_STRING](environ, startResponse);
};
`,
};
const PATHS = ["/", "/a%20b", "/api/x", "/api", "/choice/y?1", "/choice?2", "/none"];

async function write(
  folder: string,
  options: Pick<CompileOptions, "target" | "entry"> & { out: string },
): Promise<string> {
  const out = join(folder, options.out);
  const { code } = await compile("config:app.ini", { ...options, out, relativeTo: folder });
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, code);
  return out;
}

async function ask(url: string, path: string): Promise<string> {
  const response = await fetch(url + path);
  return `${response.status} ${await response.text()}`;
}

describe.each(runtimes())("on $name", (runtime) => {
  const target = runtime.name === "workerd" ? "workers" : runtime.name;
  let folder = "";
  let expected: string[] = [];
  let server: Started;

  beforeAll(async () => {
    folder = project(FILES);
    writeFileSync(
      join(folder, "loaded.mjs"),
      `import { loadApp } from "@tsgi/deploy";\nexport default await loadApp("config:app.ini", { relativeTo: import.meta.url });\n`,
    );
    const [node] = runtimes();
    await using loaded = await node.start(join(folder, "loaded.mjs"), { env: { WHO: "Ada" } });
    expected = await Promise.all(PATHS.map((path) => ask(loaded.url, path)));
    expect(expected[1]).toBe("200 Hello Ada at |/a b inner outer ");
    expect(expected[6]).toMatch(/^200 Hello Ada/);
    server = await runtime.start(await write(folder, { target, out: "dist/app.mjs" }), { env: { WHO: "Ada" } });
  });

  afterAll(() => server?.stop());

  it("the compiled app answers as the loaded one, its first requests at once, and constructs once", async () => {
    expect(await Promise.all(PATHS.map((path) => ask(server.url, path)))).toEqual(expected);
    const responses = await Promise.all([1, 2, 3].map(() => fetch(server.url)));
    expect(new Set(responses.map(({ headers }) => headers.get("x-nth"))).size).toBe(1);
    await Promise.all(responses.map((response) => response.text()));
  });

  it("a construction that fails is a 500 each time, told on the error log with its section and line", async () => {
    const app = join(folder, "dist/app.mjs");
    await using broken = await runtime.start(app, { env: { WHO: "broken" } });
    for (let i = 0; i < 2; i++) expect(await ask(broken.url, "/")).toBe("500 Internal Server Error");
    await expect.poll(() => broken.output()).toMatch(/app\.ini:14:\d+: \[app:home\] '\.\/app\.mjs:home': no database/);
  });

  it("an entry is the whole program", async () => {
    const entry = await write(folder, { target, entry: true, out: "dist/entry.mjs" });
    if (target === "workers") {
      const { child, port, exited } = await startWorkerd(entry, { bindings: { WHO: "Ada" } });
      try {
        expect(await ask(`http://127.0.0.1:${await port}`, "/a%20b")).toBe(expected[1]);
      } finally {
        child.kill();
        await exited;
      }
      return;
    }
    const { file, args, env } = command(target, entry);
    const child = spawn(file, args, { env: { ...env, WHO: "Ada" }, stdio: ["ignore", "pipe", "pipe"] });
    try {
      const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
      let said = "";
      child.stdout.on("data", (chunk) => (said += String(chunk)));
      child.stderr.on("data", (chunk) => (said += String(chunk)));
      await expect.poll(() => said, { timeout: 20_000 }).toMatch(/serving on http:\/\/127\.0\.0\.1:\d+/);
      const url = /http:\/\/[\d.:]+/.exec(said)?.[0] as string;
      expect(await ask(url, "/a%20b")).toBe(expected[1]);
      child.kill("SIGTERM");
      expect(await exited, said).toBe(0);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
