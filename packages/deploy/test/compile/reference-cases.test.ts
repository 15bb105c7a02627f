import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as core from "@tsgi/core";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { difference, errorOf, respond, type CaseOperation } from "../../../../tools/oracle/http.mjs";
import { ROOT, startWorkerd } from "../../../../tools/runtimes.mjs";
import { compile } from "../../src/compile/compile.ts";
import { loadApp } from "../../src/load.ts";
import { projects } from "./project.ts";

// The reference cases, compiled: what the original answers, a compiled app answers on workerd; and whatever the loader
// composes, or says is wrong, the compiler does too.

interface Case {
  id: string;
  file: string;
  ops: CaseOperation[];
}

interface Registry {
  readonly created: string[];
  readonly described: WeakMap<object, () => object>;
}

const ORACLE = join(ROOT, "oracle");
const read = <T>(name: string): T => JSON.parse(readFileSync(join(ORACLE, name), "utf8")) as T;
const cases = read<Case[]>("cases.json");
const expected = read<Record<string, unknown[]>>("expected.json");

const project = projects();
let here = "";
let before = "";

beforeAll(() => {
  const root = project({});
  here = join(root, "cases");
  cpSync(join(ORACLE, "cases"), here, { recursive: true });
  mkdirSync(join(root, "node_modules"));
  symlinkSync(join(ORACLE, "fixture"), join(root, "node_modules/fixture"), "junction");
  before = process.cwd();
  // a URI without a folder finds its package from where the process stands
  process.chdir(here);
});

afterAll(() => process.chdir(before));

function optionsOf(test: Case, op: CaseOperation) {
  const there = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll("{here}", here)) as T;
  return {
    uri: there(op.uri ?? `config:${test.file}`),
    name: op.name,
    relativeTo: op.relative_to === null ? undefined : there(op.relative_to ?? "{here}"),
    globalConf: op.global_conf === undefined ? undefined : there(op.global_conf),
  };
}

/** Places differ: a compiled app knows its files by their names alone. */
function withoutText(result: unknown): unknown {
  return JSON.parse(JSON.stringify(result, (key, value: unknown) => (key === "message" ? undefined : value)));
}

const operations = (kind: string): [title: string, test: Case, op: CaseOperation, index: number][] =>
  cases.flatMap((test) =>
    test.ops.flatMap((op, i): [string, Case, CaseOperation, number][] =>
      op.op === kind ? [[`${test.id} ${i}`, test, op, i]] : [],
    ),
  );

describe("on workerd", () => {
  const http = operations("http");
  const answers = new Map<string, { responses: object[] } | { error: object }>();

  beforeAll(async () => {
    const table: string[] = [];
    for (const [title, test, op] of http) {
      const { uri, ...options } = optionsOf(test, op);
      const file = `compiled-${table.length}.js`;
      const { code } = await compile(uri, { ...options, target: "workers", out: join(here, file) });
      writeFileSync(join(here, file), code);
      table.push(`${JSON.stringify(title)}: () => import("./${file}")`);
    }
    writeFileSync(
      join(here, "worker.mjs"),
      `import * as core from ${JSON.stringify(join(ROOT, "packages/core/dist/index.js"))};
import { respond } from ${JSON.stringify(join(ROOT, "tools/oracle/http.mjs"))};
const table = { ${table.join(",\n")} };
export default {
  async fetch(request) {
    const { title, requests } = await request.json();
    const { default: app } = await table[title]();
    const responses = [];
    for (const each of requests) responses.push(await respond(core, app, each));
    return Response.json({ responses });
  },
};
`,
    );
    const { child, port, exited } = await startWorkerd(join(here, "worker.mjs"));
    try {
      const url = `http://127.0.0.1:${await port}/`;
      for (const [title, , op] of http) {
        const body = JSON.stringify({ title, requests: op.requests });
        answers.set(title, (await (await fetch(url, { method: "POST", body })).json()) as { responses: object[] });
      }
    } finally {
      child.kill();
      await exited;
    }
  });

  it("there are cases", () => expect(http.length).toBeGreaterThan(20));

  it.each(http)("%s: a compiled app answers as the original, and as the loaded one", async (title, test, op, i) => {
    const got: unknown = JSON.parse(JSON.stringify(answers.get(title)).replaceAll(here, "{here}"));
    const { uri, ...options } = optionsOf(test, op);
    const loaded: object[] = [];
    try {
      const app = await loadApp(uri, options);
      for (const request of op.requests ?? []) loaded.push(await respond(core, app, request));
    } catch (error) {
      // what loading refuses, each request to the compiled app is refused with
      loaded.push(...(op.requests ?? []).map(() => ({ error: errorOf(error) })));
    }
    expect(withoutText(got)).toEqual(
      withoutText(JSON.parse(JSON.stringify({ responses: loaded }).replaceAll(here, "{here}"))),
    );
    if (op.loose === undefined) expect(difference(op, expected[test.id][i], got)).toBe("");
  });
});

describe("what is composed", () => {
  const registry = (): Registry =>
    (globalThis as unknown as Record<symbol, Registry>)[Symbol.for("tsgi.oracle.fixture")];

  const told = async (make: () => Promise<unknown>): Promise<object> => {
    registry()?.created.splice(0);
    try {
      const made = await make();
      const tree = made === null || made === undefined ? null : (registry().described.get(made)?.() ?? typeof made);
      return { tree, created: [...registry().created] };
    } catch (error) {
      return { error: errorOf(error).category };
    }
  };

  it.each(operations("loadapp"))(
    "%s: as the loader composes it, in the same order, or the same error",
    async (_title, test, op, i) => {
      const { uri, ...options } = optionsOf(test, op);
      const loaded = await told(() => loadApp(uri, options));
      const compiled = await told(async () => {
        const file = join(here, `${test.id}-${i}.mjs`);
        const { code } = await compile(uri, { ...options, target: "node", out: file });
        // the function that constructs, in place of the app that calls it at its first request
        const source = code.replace(/^export default .*?lazyApp\((.*)\);$/m, "export default $1;");
        const { outputFiles } = await build({
          stdin: { contents: source, resolveDir: here },
          bundle: true,
          platform: "node",
          format: "esm",
          write: false,
          conditions: ["@tsgi/source"],
          logLevel: "silent",
        }).catch((cause: unknown) => {
          // what a bundler says of an export that is not there
          if (/No matching export/.test(String(cause)))
            throw Object.assign(new Error(String(cause)), { category: "attribute" });
          throw cause;
        });
        writeFileSync(file, outputFiles[0].text);
        const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
          default: () => Promise<unknown>;
        };
        return module.default();
      });
      expect(compiled).toEqual(loaded);
    },
  );
});
