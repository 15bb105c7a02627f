// What is published: tarballs as `npm pack` makes them of the built packages.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join, relative, sep } from "node:path";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { preProcessFile } from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../tools/runtimes.mjs";
import { install, manifestOf, PUBLIC, run, specifiersOf, type Installed, type Tarball } from "./packed.ts";

let installed: Installed;
beforeAll(async () => {
  installed = await install(["esbuild", "rollup", "vite"]);
  for (const [name, { size, unpackedSize }] of installed.tarballs)
    console.log(`${name}: ${kib(size)} KiB packed, ${kib(unpackedSize)} KiB unpacked`);
});
afterAll(() => installed.remove());

const kib = (bytes: number): string => (bytes / 1024).toFixed(1);

const depends = (name: string): string[] => Object.keys(manifestOf(folderOf(name)).dependencies ?? {});

const folderOf = (name: string): string => join(installed.folder, "node_modules", name);

/** Paths from the package's folder, with slashes. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

describe.each([...PUBLIC.keys()])("%s", (name) => {
  test("brings what `files` names along with README, LICENSE and types, and no source, test or scratch file", async () => {
    const { files: named } = manifestOf(folderOf(name));
    const files = await filesOf(folderOf(name));
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
    expect(files.some((file) => file.endsWith(".d.ts"))).toBe(true);
    const tops = new Set(files.map((file) => file.split("/", 1)[0]));
    expect([...tops].sort()).toEqual([...new Set([...named, "LICENSE", "README.md", "package.json"])].sort());
    // a new project has a test of its own
    for (const file of files.filter((each) => !each.startsWith("templates/")))
      expect(file).not.toMatch(/(?:^|\/)(?:src|test|scratch|node_modules)\/|\.test\.|\.tsbuildinfo$/);
    expect(await readFile(join(folderOf(name), "LICENSE"), "utf8")).toBe(await readFile(join(ROOT, "LICENSE"), "utf8"));
  });

  test("names no path of the machine that built it", async () => {
    for (const file of await filesOf(folderOf(name))) {
      const text = await readFile(join(folderOf(name), file), "utf8");
      expect(text.includes(ROOT.replace(/\/$/, "")), `${file} names ${ROOT}`).toBe(false);
      if (!file.endsWith(".map")) continue;
      const { sources } = JSON.parse(text) as { sources: string[] };
      for (const source of sources) expect(source, file).toMatch(/^(?:\.\.\/){1,2}(?:\w+\/)?src\//);
    }
  });

  test("imports what its package.json names, and names nothing else", async () => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf(folderOf(name));
    const imported = new Set((await importsOf(folderOf(name))).map(packageOf));
    imported.delete(name);
    const known = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
    expect([...imported].sort()).toEqual(known.sort());
  });

  test("publint finds nothing", async () => {
    const { file } = installed.tarballs.get(name) as Tarball;
    const tarball = new Uint8Array(await readFile(file)).buffer;
    const { messages, pkg } = await publint({ strict: true, pack: { tarball } });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test("@arethetypeswrong/cli finds nothing, at any export", async () => {
    const cli = join(ROOT, "node_modules/@arethetypeswrong/cli/dist/index.js");
    const { file } = installed.tarballs.get(name) as Tarball;
    // resolution as Node's ES modules and as bundlers have it; CommonJS is not what these packages are
    const args = [cli, file, "--profile", "esm-only", "--no-definitely-typed", "--no-color", "--no-emoji"];
    // a problem is exit status 1, and the rejection shows the table
    const { stdout } = await run(process.execPath, args, { timeout: 60_000 });
    for (const specifier of specifiersOf(name)) expect(stdout).toContain(`"${specifier}"`);
    expect(stdout).toContain("OK (ESM)");
  });
});

test("the contract depends on nothing, the adapters and the kit on the contract alone", () => {
  expect(depends("@tsgi/core")).toEqual([]);
  for (const name of ["node", "bun", "deno", "workers", "testing"])
    expect(depends(`@tsgi/${name}`), name).toEqual(["@tsgi/core"]);
});

test("tsgi brings every file of its templates along", async () => {
  const templates = await filesOf(join(folderOf("tsgi"), "templates"));
  expect(templates.length).toBeGreaterThan(10);
  expect(templates.sort()).toEqual((await filesOf(join(ROOT, "packages/tsgi/templates"))).sort());
});

/** What the modules of a package and their types import, of other packages. */
async function importsOf(folder: string): Promise<string[]> {
  const files = (await filesOf(folder)).filter((file) => !file.startsWith("templates/"));
  const { metafile } = await build({
    entryPoints: files.filter((file) => /\.m?js$/.test(file)).map((file) => join(folder, file)),
    outdir: join(folder, "unwritten"),
    write: false,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "neutral",
    metafile: true,
    logLevel: "error",
  });
  const found = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external === true).map(({ path }) => path),
  );
  for (const file of files.filter((each) => each.endsWith(".d.ts"))) {
    const { importedFiles } = preProcessFile(await readFile(join(folder, file), "utf8"));
    found.push(...importedFiles.map(({ fileName }) => fileName).filter((path) => !path.startsWith(".")));
  }
  return found.filter((path) => !isBuiltin(path));
}

/** The package that a specifier names. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** Type-checks a file in the installed folder; gives what the compiler says. */
async function typecheck(name: string, code: string, compiler: string, options: object): Promise<string> {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    typeRoots: [join(ROOT, "node_modules/@types")],
    ...options,
  };
  await writeFile(join(installed.folder, `${name}.ts`), code);
  const tsconfig = join(installed.folder, `tsconfig.${name}.json`);
  await writeFile(tsconfig, JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
  const tsc = join(ROOT, "node_modules", compiler, "bin/tsc");
  try {
    return (await run(process.execPath, [tsc, "-p", tsconfig], { cwd: installed.folder })).stdout;
  } catch (error) {
    const { stdout, message } = error as { stdout: string; message: string };
    return stdout === "" ? message : stdout;
  }
}

test.each(
  ["typescript-5.6", "typescript-7"].flatMap((compiler) => [
    [compiler, { module: "NodeNext" }] as const,
    [compiler, { module: "ESNext", moduleResolution: "bundler" }] as const,
  ]),
)("the types of every export are sound for %s, %o", async (compiler, options) => {
  const imports = [...PUBLIC.keys()]
    .flatMap(specifiersOf)
    .map((specifier, index) =>
      specifier === "@tsgi/deploy/register"
        ? `import "${specifier}";`
        : `import * as all${index} from "${specifier}";\nvoid all${index};`,
    );
  const code = `/// <reference types="@tsgi/deploy/ini" />
${imports.join("\n")}
import app from "./app.ini";
import type { App } from "tsgi";
export const checked: App = app;
`;
  const name = `all-${compiler}-${options.module}`;
  expect(await typecheck(name, code, compiler, { ...options, types: ["node"] })).toBe("");
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
  fetch(request: Request, env: { KEY: string }, ctx: { waitUntil(promise: Promise<unknown>): void }): Response | Promise<Response>;
};`,
  ],
  ["default", `export const answer: Promise<Response> = toHandler(app).fetch(new Request("http://localhost/"));`],
])("the front door's types are those of the condition %s", async (condition, use) => {
  const said = await typecheck(`types-${condition}`, `${APP}${use}\n`, "typescript-7", {
    module: "ESNext",
    moduleResolution: "bundler",
    customConditions: condition === "default" ? [] : [condition],
    types: condition === "node" ? ["node"] : [],
  });
  expect(said).toBe("");
});
