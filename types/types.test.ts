import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binary, environment } from "../tools/runtimes.mjs";

// The types as users get them: the built .d.ts in node_modules, without the condition that leads to the sources, checked
// by each compiler with the globals of each runtime. A line that must not compile is marked `@ts-expect-error`; if it
// does compile the mark is an error.

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const PACKAGES = ["core", "node", "bun", "deno", "workers"];

const COMPILERS = [
  ["TypeScript 5.6", "typescript-5.6"],
  ["TypeScript 5.9", "typescript-5.9"],
  ["TypeScript 6", "typescript"],
  ["TypeScript 7", "typescript-7"],
] as const;

const USAGE = ["contract-samples", "fifth-runtime", "rate-limit", "worker"].map((name) => `usage/${name}.ts`);
const TESTS = ["environ", "filters", "define", "fetch", "hono", "adapter", "worker"].map((name) => `tests/${name}.ts`);
/** Stands in for the globals of @cloudflare/workers-types where they are not. */
const AMBIENT = "ambient/worker.d.ts";
/** Hono's own declarations say Uint8Array<ArrayBuffer>, which TypeScript has since 5.7. */
const WITH_HONO = new Set(["tests/hono.ts", "tests/worker.ts", "usage/worker.ts"]);

interface Globals {
  readonly name: string;
  readonly lib: readonly string[];
  readonly types: readonly string[];
  readonly files: readonly string[];
  /** Why the declarations of others cannot be checked with ours. */
  readonly broken?: string;
}

const GLOBALS: readonly Globals[] = [
  {
    name: "the DOM lib",
    lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    types: [],
    files: [...USAGE, ...TESTS, AMBIENT],
  },
  {
    name: "@cloudflare/workers-types",
    lib: ["ES2022"],
    types: ["@cloudflare/workers-types"],
    files: [...USAGE, ...TESTS],
  },
  {
    name: "@types/node",
    lib: ["ES2022"],
    types: ["node"],
    files: [...USAGE, ...TESTS, AMBIENT, "tests/node.ts"],
  },
  {
    name: "bun-types",
    lib: ["ES2022"],
    types: ["bun-types"],
    files: [...USAGE, ...TESTS, AMBIENT, "tests/node.ts", "tests/bun.ts"],
    broken: "bun-types declares CompressionStream otherwise than the @types/node that it brings along",
  },
];

/** TypeScript 5.6 needs skipLibCheck for Hono's sake; where it does not need it for another's, ours are checked without Hono. */
const SOUND = GLOBALS.filter(({ broken }) => broken === undefined);

/** On a busy machine. */
const PATIENT = { timeout: 120_000 };

let scratch = "";

beforeAll(async () => {
  for (const name of PACKAGES)
    if (!existsSync(join(ROOT, "packages", name, "dist/index.d.ts")))
      throw new Error(`@tsgi/${name} is not built: npm run build`);
  scratch = await realpath(await mkdtemp(join(tmpdir(), "tsgi-types-")));
  const modules = join(scratch, "node_modules");
  await mkdir(join(modules, "@tsgi"), { recursive: true });
  await Promise.all([
    ...["usage", "tests", "ambient"].map((name) =>
      cp(join(ROOT, "types", name), join(scratch, name), { recursive: true }),
    ),
    ...PACKAGES.flatMap((name) =>
      ["package.json", "dist"].map((part) =>
        cp(join(ROOT, "packages", name, part), join(modules, "@tsgi", name, part), { recursive: true }),
      ),
    ),
    ...["@cloudflare", "@types", "bun-types", "undici-types", "hono", "valibot"].map((name) =>
      symlink(join(ROOT, "node_modules", name), join(modules, name)),
    ),
    writeFile(join(scratch, "package.json"), JSON.stringify({ type: "module", private: true })),
    // packages come from node_modules, as npm put them there
    writeFile(join(scratch, "deno.json"), JSON.stringify({ nodeModulesDir: "manual" })),
  ]);
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Two compilers at a time; the tests wait for the results in turn. */
const results = new Map<string, Promise<string>>();

beforeAll(() => {
  const jobs: [string, () => Promise<string>, (said: string) => void][] = [];
  const plan = (key: string, job: () => Promise<string>): void => {
    results.set(key, new Promise((resolve) => jobs.push([key, job, resolve])));
  };
  for (const [, folder] of COMPILERS)
    for (const globals of GLOBALS) {
      const skip = folder === "typescript-5.6" || globals.broken !== undefined;
      plan(`${folder} ${globals.name}`, () => compile(folder, { ...globals, skip }));
    }
  for (const globals of SOUND) {
    const files = globals.files.filter((file) => !WITH_HONO.has(file));
    plan(`sound ${globals.name}`, () => compile("typescript-5.6", { ...globals, files, skip: false }));
  }
  const work = async (): Promise<void> => {
    for (let next = jobs.shift(); next !== undefined; next = jobs.shift()) next[2](await next[1]());
  };
  void Promise.all([work(), work()]);
});

describe.each(COMPILERS)("%s", (_name, folder) => {
  test.each(GLOBALS)("with $name: what should compile does, and nothing else", PATIENT, async ({ name }) => {
    expect(await results.get(`${folder} ${name}`)).toBe("");
  });
});

test.each(SOUND)("TypeScript 5.6 with $name: our own declarations are sound", PATIENT, async ({ name }) => {
  expect(await results.get(`sound ${name}`)).toBe("");
});

describe("Deno", () => {
  test("everything compiles that should, and nothing else", PATIENT, async () => {
    // worker.ts imports "./api.js", as TypeScript wants it and Deno does not
    const args = ["check", "--quiet", "--unstable-sloppy-imports", ...USAGE, ...TESTS, AMBIENT, "tests/deno.ts"];
    expect(await run(binary("deno"), args)).toBe("");
  });
});

describe("the check itself", () => {
  const WRONG = `import type { App } from "@tsgi/core";
// @ts-expect-error nothing is wrong here
export const right: App = (_environ, start) => (start("200 OK", []), ["x"]);
export const wrong: App = () => "x";
`;
  const file = "tests/wrong.ts";
  beforeAll(() => writeFile(join(scratch, file), WRONG));

  test.each(COMPILERS)(
    "%s reports a mark without an error and an error without a mark",
    PATIENT,
    async (_name, folder) => {
      const said = await compile(folder, { lib: ["ES2022", "DOM"], types: [], files: [file], skip: true });
      expect(said).toContain("wrong.ts(2,1): error TS2578");
      expect(said).toContain("wrong.ts(4,33): error TS2322");
    },
  );

  test("Deno reports them too", PATIENT, async () => {
    const said = await run(binary("deno"), ["check", "--quiet", file]);
    expect(said).toContain("TS2578");
    expect(said).toContain("TS2322");
  });
});

interface Program {
  readonly lib: readonly string[];
  readonly types: readonly string[];
  readonly files: readonly string[];
  readonly skip: boolean;
}

let programs = 0;

/** What a compiler says of a program: nothing, when all is well. */
async function compile(compiler: string, { lib, types, files, skip }: Program): Promise<string> {
  const project = join(scratch, `tsconfig.${++programs}.json`);
  const compilerOptions = {
    target: "ES2022",
    module: "NodeNext",
    moduleResolution: "NodeNext",
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: skip,
    lib,
    types,
  };
  await writeFile(project, JSON.stringify({ compilerOptions, files }));
  return run(process.execPath, [join(ROOT, "node_modules", compiler, "bin/tsc"), "--pretty", "false", "-p", project]);
}

function run(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd: scratch, env: { ...environment(), NO_COLOR: "1" }, maxBuffer: 2 ** 24, timeout: 120_000 };
    execFile(file, args, options, (error, stdout, stderr) => {
      const said = (stdout + stderr).trim();
      resolve(error !== null && said === "" ? error.message : said);
    });
  });
}
