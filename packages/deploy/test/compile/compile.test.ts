import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { build } from "esbuild";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile, type CompileOptions } from "../../src/compile/compile.ts";
import { ConfigError } from "../../src/error.ts";
import { projects } from "./project.ts";

const project = projects();

async function compiled(files: Record<string, string>, options: Partial<CompileOptions> = {}) {
  const folder = project(files);
  const out = join(folder, "dist/app.js");
  const made = await compile("config:app.ini", { target: "node", out, relativeTo: folder, ...options });
  return { ...made, folder };
}

const refused = async (files: Record<string, string>, options: Partial<CompileOptions> = {}): Promise<ConfigError> => {
  const error: unknown = await compiled(files, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return error as ConfigError;
};

const APP = "export const make = (g, l) => (e, s) => { s('200 OK', []); return [JSON.stringify([g, l])]; };\n";

describe("a compiled module", () => {
  it("imports exactly what the app uses, from where the module will stand", async () => {
    const { code } = await compiled({
      "app.ini": `[composite:main]
use = egg:Paste#urlmap
/ = home
[app:home]
use = ./lib/home.ts:Home.make
[app:unused]
use = ./lib/unused.ts
[app:other]
use = egg:PasteDeploy#prefix
`,
      "lib/home.ts": "",
      "lib/unused.ts": "",
    });
    const imports = code.match(/^import .*$/gm) ?? [];
    expect(imports.filter((line) => !line.includes("@tsgi/") && !line.includes("packages/"))).toEqual([
      'import { Home } from "../lib/home.ts";',
    ]);
    expect(imports.filter((line) => /builtin/.test(line))).toHaveLength(1);
    expect(code).not.toContain("unused");
  });

  // A package that is not found from where the module will stand is imported by path; it was the path that `require` chooses.
  it.each([
    ["node", "esm.js"],
    ["workers", "worker.js"],
    ["fetch", "esm.js"],
    ["bun", "bun.js"],
    ["deno", "esm.js"],
  ] as const)("imports by path what an import on %s would choose: %s", async (target, file) => {
    const exports = { workerd: "./worker.js", bun: "./bun.js", import: "./esm.js", require: "./no.cjs" };
    const manifest = JSON.stringify({ name: "dual", type: "module", exports });
    const files = Object.fromEntries(
      ["worker.js", "bun.js", "esm.js", "no.cjs"].map((name) => [`site/node_modules/dual/${name}`, ""]),
    );
    const folder = project({
      ...files,
      "site/app.ini": "[app:main]\nuse = dual:make\n",
      "site/node_modules/dual/package.json": manifest,
    });
    const out = join(folder, "elsewhere/app.js");
    const { code } = await compile("config:app.ini", { target, out, relativeTo: join(folder, "site") });
    expect(code).toContain(`import { make } from "../site/node_modules/dual/${file}";`);
  });

  // `deno run npm:tsgi build` wrote paths into Deno's cache, and Deno refused them: "Could not find referrer npm package".
  it("imports by npm: for Deno what is in Deno's cache alone", async () => {
    const manifest = JSON.stringify({ name: "@acme/stamp", version: "1.2.3", exports: { "./parts": "./parts.js" } });
    const cached = "cache/npm/registry.example/@acme/stamp/1.2.3";
    const folder = project({
      [`${cached}/package.json`]: manifest,
      [`${cached}/parts.js`]: "",
      [`${cached}/app.ini`]: "[app:main]\nuse = @acme/stamp/parts:make\n",
    });
    const written = async (target: "deno" | "node"): Promise<string> =>
      (await compile("config:app.ini", { target, out: join(folder, "app.js"), relativeTo: join(folder, cached) })).code;
    expect(await written("deno")).toContain('import { make } from "npm:@acme/stamp@1.2.3/parts";');
    expect(await written("node")).toContain(`import { make } from "./${cached}/parts.js";`);
  });

  it("is readable: a function for each section, under its header and line", async () => {
    const { code } = await compiled({
      "app.ini": `[pipeline:main]\npipeline = log home\n\n[app:home]\nuse = ./app.js:make\n\n[filter:log]\nuse = ./app.js:make\n`,
      "app.js": APP,
    });
    expect(code).toContain("// [app:home] app.ini:4\nfunction appHome() {");
    expect(code).toContain("// [filter:log] app.ini:7\nfunction filterLog() {");
    expect(code).toContain("filters: [filterLog()],");
    expect(code).toContain("app: appHome(),");
    expect(code).toMatch(/^export default lazyApp\(\(\) => construct\(pipelineMain\)\);$/m);
  });

  it("has a function once for a section that is used twice, and another where global settings differ", async () => {
    const { code } = await compiled({
      "app.ini": `[composite:main]
use = urlmap
/a = page
/b = page
/c = special
[app:page]
use = ./app.js:make
[app:special]
use = page
set mode = special
`,
      "app.js": APP,
    });
    expect(code.match(/^function \w+/gm)).toEqual([
      "function appPage",
      "function appSpecial",
      "function compositeMain",
    ]);
  });

  it("keeps names apart that JavaScript would not: words, doubles, no letters at all", async () => {
    const { code } = await compiled({
      "app.ini": `[composite:main]
use = urlmap
/1 = a b
/2 = a-b
/3 = +
/4 = class
[app:a b]
use = ./app.js:make
[app:a-b]
use = ./app.js:make
[app:+]
use = ./class.js
[app:class]
use = ./class.js:class
`,
      "app.js": APP,
      "class.js": "",
    });
    expect(code.match(/^function \w+/gm)).toEqual([
      "function appAB",
      "function appAB2",
      "function app",
      "function appClass",
      "function compositeMain",
    ]);
    expect(code).toContain(`from "../class.js"`);
    await expect(build({ stdin: { contents: code }, write: false })).resolves.toBeDefined();
  });

  it("settings are data, whatever they look like", async () => {
    const { code } = await compiled({
      "app.ini": `[app:main]\nuse = ./app.js:make\n__proto__ = polluted\nconstructor = x\ntext = */ "quoted" \\ \u2028 %% \n`,
      "app.js": APP,
    });
    expect(code).toContain('["__proto__", "polluted", "app.ini:3:1"],');
    expect(code).toContain('["text", "*/ \\"quoted\\" \\\\ \\u2028 %", "app.ini:5:1"],');
  });

  it("has no path of the machine that built it but here and __file__", async () => {
    const { code, folder } = await compiled({
      "app.ini": "[app:main]\nuse = config:lib/other.ini\n",
      "lib/other.ini": "[app:main]\nuse = ./app.js:make\nx = 1\n",
      "lib/app.js": APP,
    });
    const lines = code.split("\n").filter((line) => line.includes(folder));
    expect(lines.map((line) => line.trim().slice(0, 12))).toEqual(['["here", "/t', '["__file__",']);
    expect(code).toContain('["x", "1", "lib/other.ini:3:1"]');
    expect(code).toContain('from "../lib/app.js"');
  });

  it("its source map leads from each line to the line of the file", async () => {
    const { code, map, files, folder } = await compiled({
      "app.ini": "[app:main]\nuse = config:lib/other.ini\n\nown = 1\n",
      "lib/other.ini": "[app:main]\nuse = ./app.js:make\nx = 1\n",
      "lib/app.js": APP,
    });
    expect(files).toEqual([join(folder, "app.ini"), join(folder, "lib/other.ini")]);
    const trace = new TraceMap(JSON.stringify(map));
    const lines = code.split("\n");
    const origin = (text: string): string => {
      const line = lines.findIndex((each) => each.includes(text));
      const {
        source,
        line: at,
        column,
      } = originalPositionFor(trace, { line: line + 1, column: lines[line].search(/\S/) });
      return `${source}:${at}:${column}`;
    };
    expect(origin('["own", "1"')).toBe("../app.ini:4:0");
    expect(origin('["x", "1"')).toBe("../lib/other.ini:3:0");
    expect(origin("function appMain")).toBe("../app.ini:1:0");
    expect(origin("import { make }")).toBe("../lib/other.ini:2:0");
    expect(map.sourcesContent?.[map.sources.indexOf("../app.ini")]).toContain("own = 1");
  });

  it("in an esbuild bundle what is not used is left out: no parser, no other built-in, no file system", async () => {
    const { code, folder } = await compiled(
      { "app.ini": "[composite:main]\nuse = urlmap\n/ = home\n[app:home]\nuse = ./app.js:make\n", "app.js": APP },
      { target: "fetch" },
    );
    mkdirSync(join(folder, "dist"));
    const { outputFiles, metafile } = await build({
      stdin: { contents: code, resolveDir: join(folder, "dist") },
      bundle: true,
      format: "esm",
      write: false,
      metafile: true,
      conditions: ["@tsgi/source"],
    });
    const bytesIn = Object.values(metafile.outputs)[0].inputs;
    const used = Object.keys(bytesIn).filter((file) => bytesIn[file].bytesInOutput > 0);
    expect(
      used.filter((file) => /parse\.ts|interpolate|context\.ts|cascade|jiti|resolve\.ts|load-module/.test(file)),
    ).toEqual([]);
    expect(used.filter((file) => file.includes("builtin/urlmap"))).toHaveLength(1);
    expect(outputFiles[0].text).not.toMatch(/from "node:/);
  });
});

describe("variables of the environment", () => {
  const files = {
    "app.ini":
      "[DEFAULT]\nregion = %(env:REGION|eu)s\n[app:main]\nuse = ./app.js:make\nurl = pg://%(env:USER_NAME)s@%(env:DB_HOST|50 :)s/%(region)s\n",
    "app.js": APP,
  };

  it.each([
    ["workers", 'import { env } from "cloudflare:workers";', "variables((name) => env[name])"],
    ["node", 'import process from "node:process";', "variables((name) => process.env[name])"],
    ["bun", "", "variables((name) => Bun.env[name])"],
    ["deno", "", "variables((name) => Deno.env.get(name))"],
    ["fetch", "", "variables((name) => globalThis.process?.env?.[name])"],
  ] as const)("are read by the runtime and are not in the module: %s", async (target, statement, reader) => {
    process.env.USER_NAME = "secret-of-the-build";
    const { code } = await compiled(files, { target });
    delete process.env.USER_NAME;
    expect(code).toContain(statement);
    expect(code).toContain(reader);
    expect(code).not.toContain("secret-of-the-build");
    expect(code).toContain('["region", variable("REGION", "app.ini:2:1", "eu"), "app.ini:2:1"],');
    expect(code).toContain(
      '["url", "pg://" + variable("USER_NAME", "app.ini:5:1") + "@" + variable("DB_HOST", "app.ini:5:1", "50 :") + "/" + variable("REGION", "app.ini:5:1", "eu"), "app.ini:5:1"],',
    );
  });

  it("may stand in the default of another one, and are read when that counts", async () => {
    const { code } = await compiled({
      "app.ini":
        "[DEFAULT]\ndata = %(env:DATA|/srv)s\n[app:main]\nuse = ./app.js:make\ncache = %(env:CACHE|%(data)s/cache)s\n",
      "app.js": APP,
    });
    expect(code).toContain(
      'variable("CACHE", "app.ini:5:1", () => variable("DATA", "app.ini:5:1", "/srv") + "/cache")',
    );
  });

  it.each([
    ["what is used", "[app:main]\nuse = ./%(env:WHICH)s.js:make\n", 2],
    ["a section", "[app:main]\nuse = %(env:WHICH)s\n", 2],
    ["an app of a urlmap", "[composite:main]\nuse = urlmap\n/ = %(env:WHICH|home)s\n", 3],
    ["a filter", "[app:main]\nuse = ./app.js:make\nfilter-with = %(env:WHICH)s\n", 3],
  ])("cannot name %s", async (_what, text, line) => {
    const error = await refused({ "app.ini": text, "app.js": APP });
    expect(error.text).toContain("%(env:WHICH)s is known when the app runs and not when it is compiled");
    expect(error.at?.line).toBe(line);
  });
});

describe("what a composite of the user's may ask for", () => {
  const site = (settings: string, rest = ""): Record<string, string> => ({
    "app.ini": `[composite:main]\nuse = ./app.js:make\n${settings}\n[app:page]\nuse = ./app.js:make\n[filter:page]\nuse = ./app.js:make\n[app:hidden]\nuse = ./hidden.js\n${rest}`,
    "app.js": APP,
    "hidden.js": "",
  });

  it("is what its settings name, alone or among other words, as an app, a filter or a server", async () => {
    const { code } = await compiled(site("pages = first page\nlabel = hidden?"));
    expect(code).toMatch(/knows: \{\s+app: \{\s+page: appPage,\s+\},\s+filter: \{\s+page: filterPage,\s+\},\s+all: /);
    expect(code).not.toContain("hidden.js");
    expect(code).toContain('all: { app: ["main", "page", "hidden"], filter: ["page"], server: [] },');
  });

  it("has the composite's global settings or the file's alone, as it asks", async () => {
    const { code } = await compiled(site("child = page\nset mode = big"));
    expect(code).toContain("page: { inherited: appPage, alone: appPage2 },");
  });

  it("is what getApp() without a name gives, where it names no app", async () => {
    const { code } = await compiled(
      {
        "app.ini": "[composite:site]\nuse = ./app.js:make\nlabel = x\n[app:main]\nuse = ./app.js:make\n",
        "app.js": APP,
      },
      { name: "site" },
    );
    expect(code).toContain('"": appMain,');
  });

  it("that cannot be made is no fault of the build: who asks for it is told, and the build warns", async () => {
    const { code, warnings } = await compiled(
      site("a = broken\nb = egg:Nowhere#x", "[app:broken]\nuse = ./missing.js\n"),
    );
    expect(code).toContain('broken: missing("import", "No module');
    expect(code).toContain('"egg:Nowhere#x": missing("package", ');
    expect(warnings.map(({ at, message }) => `${at.line} ${message.slice(0, 16)}`)).toEqual([
      "3 was not compiled",
      "4 was not compiled",
    ]);
  });
});

describe("[loggers]", () => {
  // the command's file had them, the Worker made of it logged elsewhere, and nobody had said so
  it("does not count in what is compiled, and the build warns with its line", async () => {
    const files = { "app.ini": "[app:main]\ntsgi.app = ./app.js:make\n[loggers]\nkeys = root\n", "app.js": APP };
    const { warnings } = await compiled(files);
    expect(warnings.map(({ at, message }) => `${at.line} ${message.slice(0, 33)}`)).toEqual([
      "3 [loggers] is read by 'tsgi serve'",
    ]);
  });
});

describe("a part that cannot be on the target", () => {
  // its name was remembered, and its function was never written: who asked for it second got a ReferenceError
  it("is told to everyone who asks for it", async () => {
    const { code } = await compiled(
      {
        "app.ini": `[composite:main]
use = ./app.js:make
a = one
b = two
[pipeline:one]
pipeline = shared
[pipeline:two]
pipeline = shared
[pipeline:shared]
pipeline = files
[app:files]
use = static
document_root = .
`,
        "app.js": APP,
      },
      { target: "workers" },
    );
    expect(code.match(/^ +(?:one|two): missing\("import", "static serves files/gm)).toHaveLength(2);
    expect(code.match(/^function \w+/gm)).toEqual(["function compositeMain"]);
  });
});

describe("a target", () => {
  it("that is none is refused", async () => {
    const error = await refused({ "app.ini": "[app:main]\n" }, { target: "worker" as "workers" });
    expect(error.message).toBe("target 'worker' is none of workers, node, bun, deno, fetch");
  });

  it("workers has no static files, and says where they are asked for", async () => {
    const text =
      "[composite:main]\nuse = urlmap\n/ = files\n[app:files]\nuse = egg:Paste#static\ndocument_root = %(here)s\n";
    const error = await refused({ "app.ini": text }, { target: "workers" });
    expect(error.message).toMatch(/app\.ini:5:\d+: egg:Paste#static serves files, and a Worker has none/);
    expect(error.section).toBe("app:files");
    await expect(compiled({ "app.ini": text }, { target: "node" })).resolves.toBeDefined();
  });

  it("workers has listeners with nodejs_compat only", async () => {
    const files = { "app.ini": "[app:main]\ntsgi.listener = ./old.cjs:router\n", "old.cjs": "" };
    const error = await refused(files, { target: "workers" });
    expect(error.message).toMatch(
      /app\.ini:2:\d+: tsgi\.listener = \.\/old\.cjs:router is made for node:http.*nodejs_compat/,
    );
    const { code } = await compiled(files, { target: "workers", nodejsCompat: true });
    expect(code).toContain("{ fromListener }");
    expect(code).toContain('import * as mainModule from "../old.cjs";');
  });

  it("workers and fetch leave the server of the file alone; the others' entry has it", async () => {
    const files = {
      "app.ini": "[app:main]\nuse = ./app.js:make\n[server:main]\nuse = ./server.js:make\nport = 80\n",
      "app.js": APP,
      "server.js": APP,
    };
    const code = async (target: CompileOptions["target"]): Promise<string> =>
      (await compiled(files, { target, entry: true })).code;
    expect(await code("workers")).toMatch(/^export default toWorker\(lazyApp\(/m);
    expect(await code("workers")).not.toContain("server.js");
    expect(await code("fetch")).toMatch(/^export default \{ fetch: toFetch\(lazyApp\(/m);
    expect(await code("deno")).toMatch(
      /^await serveApp\(await construct\(appMain\), await construct\(serverMain\)\);$/m,
    );
  });

  it("an entry without a server in the file is served by the target's own; one that is asked for has to be there", async () => {
    const files = { "app.ini": "[app:main]\nuse = ./app.js:make\n", "app.js": APP };
    expect((await compiled(files, { target: "bun", entry: true })).code).toMatch(
      /^await serveApp\(await construct\(appMain\), serve\);$/m,
    );
    const error = await refused(files, { target: "bun", entry: true, server: "other" });
    expect(error.message).toContain("No section 'other'");
  });
});

describe("a fault of the files", () => {
  it("is the loader's error, with its place", async () => {
    const error = await refused({ "app.ini": "[app:main]\nuse = hom\n[app:home]\nuse = ./app.js\n", "app.js": "" });
    expect(error.category).toBe("lookup");
    expect(error.at).toMatchObject({ line: 2 });
    expect(error.message).toContain("home");
  });
});
