// What is published: tarballs as `npm pack` makes them of the built packages.
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command, ROOT, startWorkerd } from "../tools/runtimes.mjs";
import { packAll, PUBLIC, run, type Manifest } from "./packed.ts";

let scratch: string;
let installed: string;
let tarballs: Map<string, string>;

beforeAll(async () => {
  for (const folder of PUBLIC.values())
    if (!existsSync(join(folder, "dist"))) throw new Error(`${folder} is not built: npm run build`);
  scratch = await mkdtemp(join(tmpdir(), "tsgi-published-"));
  tarballs = await packAll(scratch);
  installed = join(scratch, "empty");
  await mkdir(installed);
  await writeFile(join(installed, "package.json"), '{ "type": "module", "private": true }');
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", ...tarballs.values()], {
    cwd: installed,
    timeout: 60_000,
  });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const folderOf = (name: string): string => join(installed, "node_modules", name);

const fixture = async (name: string): Promise<string> => {
  const copy = join(installed, name);
  await copyFile(join(ROOT, "packages/tsgi/test/fixtures", name), copy);
  return copy;
};

describe.each([...PUBLIC.keys()])("%s", (name) => {
  test("brings README, LICENSE and types along, and no path of the machine that built it", async () => {
    const files = (await readdir(folderOf(name), { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    const names = files.map((file) => file.name);
    expect(names).toContain("README.md");
    const license = await readFile(join(folderOf(name), "LICENSE"), "utf8");
    expect(license).toBe(await readFile(join(ROOT, "LICENSE"), "utf8"));
    expect(names.some((file) => file.endsWith(".d.ts"))).toBe(true);
    for (const file of files) {
      const text = await readFile(join(file.parentPath, file.name), "utf8");
      expect(text.includes(ROOT.replace(/\/$/, "")), `${file.name} names ${ROOT}`).toBe(false);
      if (!file.name.endsWith(".map")) continue;
      const { sources } = JSON.parse(text) as { sources: string[] };
      for (const source of sources) expect(source, file.name).toMatch(/^\.\.\/(?:\.\.\/\w+\/)?src\//);
    }
  });

  test("depends on packages that are published with it, and on nothing else", async () => {
    const manifest = JSON.parse(await readFile(join(folderOf(name), "package.json"), "utf8")) as Manifest;
    for (const dependency of Object.keys(manifest.dependencies ?? {})) expect([...PUBLIC.keys()]).toContain(dependency);
  });

  test("publint finds nothing", async () => {
    const tarball = new Uint8Array(await readFile(tarballs.get(name) as string)).buffer;
    const { messages, pkg } = await publint({ strict: true, pack: { tarball } });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test("@arethetypeswrong/cli finds nothing", async () => {
    const cli = join(ROOT, "node_modules/@arethetypeswrong/cli/dist/index.js");
    const tarball = tarballs.get(name) as string;
    const args = [cli, tarball, "--profile", "esm-only", "--no-definitely-typed", "--no-color", "--no-emoji"];
    // a problem is exit status 1, and the rejection shows the table
    const { stdout } = await run(process.execPath, args, { timeout: 60_000 });
    expect(stdout).toContain(`"${name}"`);
    expect(stdout).toContain("OK (ESM)");
  });
});

describe("in an empty folder, installed from tarballs", () => {
  test.each(["node", "bun", "deno"] as const)("serves on %s", async (runtime) => {
    const { file, args, env } = command(runtime, await fixture("serve.mjs"));
    const { stdout, stderr } = await run(file, args, { cwd: installed, env, timeout: 15_000 });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ text: `Hello from ${runtime}` });
  });

  test("serves on workerd, bundled", async () => {
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
    const { stdout } = await run(process.execPath, args, { cwd: installed });
    expect(stdout.trim()).toBe("true");
  });

  const APP = `import { serve, toHandler, type App, type Environ, type Server } from "tsgi";
const app: App = (environ: Environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [environ.PATH_INFO];
};
export const server: Server = await serve(app, { port: 0, grace: 100 });
export const url: string = server.url;
`;
  test.each<[condition: string, use: string]>([
    ["node", `import { createServer } from "node:http";\ncreateServer(toHandler(Promise.resolve(app)));`],
    ["bun", `export const development: false = toHandler(app).development;`],
    ["deno", `toHandler(app).onListen({ transport: "tcp" });`],
    [
      "workerd",
      `export default { ...toHandler<{ KEY: string }>(app) } satisfies {
  fetch(request: Request, env: { KEY: string }, ctx: { waitUntil(promise: Promise<unknown>): void }): Promise<Response>;
};`,
    ],
    ["default", `export const answer: Promise<Response> = toHandler(app).fetch(new Request("http://localhost/"));`],
  ])("its types are those of the condition %s", async (condition, use) => {
    const file = `types-${condition}.ts`;
    await writeFile(join(installed, file), `${APP}${use}\n`);
    const tsconfig = {
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: "ES2022",
        module: "ESNext",
        moduleResolution: "bundler",
        lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
        customConditions: condition === "default" ? [] : [condition],
        typeRoots: [join(ROOT, "node_modules/@types")],
        types: condition === "node" ? ["node"] : [],
      },
      files: [file],
    };
    await writeFile(join(installed, `tsconfig.${condition}.json`), JSON.stringify(tsconfig));
    const tsc = join(ROOT, "node_modules/typescript-7/bin/tsc");
    const { stdout } = await run(process.execPath, [tsc, "-p", `tsconfig.${condition}.json`], {
      cwd: installed,
    }).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  });
});
