import { describe, expect, test } from "vitest";
import { loadApp, loadContext } from "../src/index.ts";
import { isModule, parseModule } from "../src/resolve.ts";
import { APPS, fault, site } from "./site.ts";

const WIKI = JSON.stringify({
  name: "@acme/wiki",
  type: "module",
  exports: { ".": "./apps.mjs", "./factories": "./apps.mjs", "./parts/*": "./*.mjs" },
  tsgi: {
    app_factory: {
      main: "./apps.mjs#make",
      sub: "./factories#make",
      pattern: "./parts/apps#make",
      both: "./apps.mjs#make",
      gone: "./gone.mjs#x",
      odd: 5,
    },
    composite_factory: { both: "./apps.mjs#composite" },
    filter_factory: { tag: "./apps.mjs#filter" },
  },
});

const INSTALLED = { "node_modules/@acme/wiki/package.json": WIKI, "node_modules/@acme/wiki/apps.mjs": APPS };

async function node(use: string, files: Readonly<Record<string, string>>, folder = "") {
  const at = await site({ [`${folder}app.ini`]: `[app:main]\nuse = ${use}\n`, ...files });
  return (await loadContext("app", "config:app.ini", { relativeTo: `${at}/${folder}` })).node;
}

async function nodeFault(use: string, files: Readonly<Record<string, string>>) {
  const at = await site({ "app.ini": `[app:main]\nuse = ${use}\n`, ...files });
  return fault(loadContext("app", "config:app.ini", { relativeTo: at }), at);
}

const what = async (use: string, files: Readonly<Record<string, string>>) => {
  const at = await site({ "app.ini": `[app:main]\nuse = ${use}\nx = 1\n`, ...files });
  return ((await loadApp("config:app.ini", { relativeTo: at })) as unknown as { what: { localConf: object } }).what
    .localConf;
};

test.each([
  ["./app.ts:make", "./app.ts", ["make"]],
  ["app:Wiki.factory", "app", ["Wiki", "factory"]],
  ["@acme/wiki", "@acme/wiki", undefined],
  ["@acme/wiki:make", "@acme/wiki", ["make"]],
  ["C:/site/app.ts", "C:/site/app.ts", undefined],
  ["C:/site/app.ts:make", "C:/site/app.ts", ["make"]],
  ["a:b:größe", "a:b", ["größe"]],
  ["app:not-a-name", "app:not-a-name", undefined],
  [":make", ":make", undefined],
])("%s is a module and an attribute path, split at the last colon", (text, module, path) => {
  expect(parseModule(text)).toEqual({ module, path });
});

test("a name is a module when it has a slash, begins with . or @, or has an attribute", () => {
  expect(["./a.ts", "../a", "@a/b", "dir/a.ts", "dir\\a.ts", "app:make"].map(isModule)).not.toContain(false);
  expect(["main", "two words", "access-log", "x:1"].map(isModule)).not.toContain(true);
});

describe("entry points", () => {
  test("are in the field tsgi of package.json, as files and as exports of the package", async () => {
    for (const name of ["", "#main", "#sub", "#pattern"])
      expect(await what(`npm:@acme/wiki${name}`, INSTALLED)).toEqual({ x: "1" });
    expect(await node("npm:@acme/wiki#sub", INSTALLED)).toMatchObject({
      reference: { specifier: "@acme/wiki/factories", path: ["make"] },
    });
  });

  test("are found in any node_modules upward, and by a package's own name within it", async () => {
    expect(await node("npm:@acme/wiki", INSTALLED, "deep/er/")).toMatchObject({ protocol: "app_factory" });
    const own = { "package.json": WIKI, "apps.mjs": APPS };
    expect(await node("npm:@acme/wiki", own, "config/")).toMatchObject({
      reference: { specifier: expect.stringMatching(/apps\.mjs$/) },
    });
  });

  test("of an egg: the name counts without regard to case and punctuation (L6)", async () => {
    const files = {
      "node_modules/my_wiki.app/package.json":
        '{"name":"my_wiki.app","tsgi":{"app_factory":{"main":"./apps.mjs#make"}}}',
      "node_modules/my_wiki.app/apps.mjs": APPS,
    };
    expect(await node("egg:My-Wiki_App", files)).toMatchObject({ reference: { path: ["make"] } });
    expect(await nodeFault("npm:My-Wiki_App", files)).toMatchObject({ category: "package" });
  });

  test.each([
    ["npm:@acme/wiki#mian", "lookup", "Entry point 'mian' not found in package '@acme/wiki'"],
    ["npm:@acme/wiki#mian", "lookup", "(did you mean 'main'?)"],
    ["npm:@acme/wiki#tag", "lookup", "it is a filter_factory"],
    [
      "npm:@acme/wiki#both",
      "lookup",
      "Ambiguous entry points for 'both' in package '@acme/wiki': it is in app_factory and composite_factory",
    ],
    ["npm:@acme/wiki#gone", "import", "and there is no such file"],
    ["npm:@acme/wiki#odd", "lookup", 'it is written "./dist/app.js#makeApp"'],
    ["npm:@acme/wiki#constructor", "lookup", "not found"],
    ["npm:plain", "lookup", "offers nothing: its package.json has no field 'tsgi', nor is there a module 'plain/tsgi'"],
    ["npm:nowhere", "package", "npm install nowhere"],
    ["jsr:@acme/nowhere", "package", "npx jsr add @acme/nowhere"],
    ["npm:", "package", "names no package"],
  ])("%s is a %s error: %s", async (use, category, text) => {
    const files = { ...INSTALLED, "node_modules/plain/package.json": '{"name":"plain"}' };
    expect(await nodeFault(use, files)).toMatchObject({ category, message: expect.stringContaining(text), line: 2 });
  });

  test("may be said by a module package/tsgi, which JSR packages have instead", async () => {
    const folder = "node_modules/@jsr/acme__pages";
    const files = {
      [`${folder}/package.json`]: '{"name":"@jsr/acme__pages","type":"module","exports":{"./tsgi":"./tsgi.js"}}',
      [`${folder}/tsgi.js`]: 'import { make } from "./apps.mjs"; export const app_factory = { main: make };',
      [`${folder}/apps.mjs`]: APPS,
    };
    expect(await what("jsr:@acme/pages", files)).toEqual({ x: "1" });
    expect(await what("jsr:@acme/pages#main", files)).toEqual({ x: "1" });
  });

  test("of TSGI's own packages are there where a project has nothing installed", async () => {
    expect(await node("npm:@tsgi/deploy#urlmap", {})).toMatchObject({ protocol: "composite_factory" });
  });
});

describe("packages", () => {
  // One whose package.json was cut short was "not found; is it installed? npm install brk", which changed nothing.
  test("that are there with a package.json that cannot be read are not called missing", async () => {
    const broken = { "node_modules/brk/package.json": "{", "node_modules/null/package.json": "null" };
    for (const use of ["npm:brk#main", "egg:brk#main", "brk:make"]) {
      const { category, message, line } = await nodeFault(use, broken);
      expect([category, line]).toEqual(["package", 2]);
      expect(message).toMatch(/node_modules\/brk\/package\.json cannot be read: /);
    }
    expect((await nodeFault("npm:null#main", broken)).message).toMatch(/null\/package\.json cannot be read: .*object/);
  });

  // "module 'npm' has no attribute 'nope'": the colon of the scheme was taken for that of an attribute.
  test("whose entry point leads to an attribute that is not there are named whole", async () => {
    const manifest = JSON.stringify({
      name: "half",
      tsgi: { app_factory: { main: "./apps.mjs#nope", bare: "./apps.mjs" } },
    });
    const files = { "node_modules/half/package.json": manifest, "node_modules/half/apps.mjs": APPS };
    const loading = async (use: string) => {
      const at = await site({ "app.ini": `[app:main]\nuse = ${use}\n`, ...files });
      return (await fault(loadApp("config:app.ini", { relativeTo: at }), at)).message;
    };
    expect(await loading("npm:half#main")).toContain("module that 'npm:half#main' leads to has no attribute 'nope'");
    expect(await loading("egg:half#bare")).toMatch(
      /module that 'egg:half#bare' leads to has no default export; it exports [\w, ]+$/,
    );
  });

  test("of import and require conditions are imported as import does", async () => {
    const files = {
      "node_modules/dual/package.json": '{"name":"dual","exports":{"import":"./i.mjs","require":"./r.cjs"}}',
      "node_modules/dual/i.mjs": APPS,
      "node_modules/dual/r.cjs": "throw new Error('required');",
    };
    expect(await what("dual:make", files)).toEqual({ x: "1" });
  });

  test("come before a file beside the configuration; a file needs no extension", async () => {
    expect(await what("salmon:make", { "salmon.mjs": APPS })).toEqual({ x: "1" });
    expect(await what("sub/salmon:make", { "sub/salmon.mjs": APPS })).toEqual({ x: "1" });
    expect(await nodeFault("./salmo:make", { "salmon.mjs": APPS })).toMatchObject({
      category: "import",
      message: expect.stringContaining("there is no file salmo (did you mean 'salmon'?)"),
    });
  });
});
