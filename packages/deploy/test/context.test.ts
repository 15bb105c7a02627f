import { describe, expect, test } from "vitest";
import { appConfig, loadApp, loadContext, type LoadOptions, type Node } from "../src/index.ts";
import { APPS, fault, site } from "./site.ts";

/** Reads `app.ini` of these files; `main` unless another name is given. */
async function context(ini: string, options: LoadOptions = {}, files: Readonly<Record<string, string>> = {}) {
  const folder = await site({ "app.ini": ini, "apps.mjs": APPS, ...files });
  return loadContext("app", "config:app.ini", { relativeTo: folder, ...options });
}

async function contextFault(ini: string, options: LoadOptions = {}, files: Readonly<Record<string, string>> = {}) {
  const folder = await site({ "app.ini": ini, "apps.mjs": APPS, ...files });
  return fault(loadContext("app", "config:app.ini", { relativeTo: folder, ...options }), folder);
}

async function settings(ini: string, options: LoadOptions = {}, files: Readonly<Record<string, string>> = {}) {
  const { globalConf, localConf } = await context(ini, options, files);
  const { here, __file__, ...rest } = globalConf;
  expect(__file__).toBe(`${here}/app.ini`);
  return { global: rest, local: { ...localConf } };
}

/** A tree in a word: f(g(app)). */
function shape(node: Node): string {
  switch (node.type) {
    case "pipeline":
      return [...node.filters, node.app].map(shape).reduceRight((inner, filter) => `${filter}(${inner})`);
    case "filter_app":
      return `${shape(node.filter)}(${shape(node.next)})`;
    case "filtered_with":
      return `${shape(node.filter)}(${shape(node.inner)})`;
    default:
      return node.name || node.reference.written;
  }
}

const MAKE = "use = ./apps.mjs:make";
const FILTERS = "[filter:f]\nuse = ./apps.mjs:filter\n[filter:g]\nuse = ./apps.mjs:filterApp\n";

describe("which section a name is", () => {
  test("main without a name; the name beats the fragment (L3)", async () => {
    const ini = `[app:main]\n${MAKE}\nx = main\n[app:other]\n${MAKE}\nx = other\n`;
    const folder = await site({ "app.ini": ini, "apps.mjs": APPS });
    const x = async (uri: string, name?: string) =>
      (await loadContext("app", uri, { relativeTo: folder, name })).localConf.x;
    expect([
      await x("config:app.ini"),
      await x("config:app.ini#other"),
      await x("config:app.ini#other", "main"),
      await x("CONFIG:app.ini", "other"),
    ]).toEqual(["main", "other", "main", "other"]);
  });

  test("every prefix of an app is looked at; names are per kind; white space around them is nothing (L4, L5)", async () => {
    const ini = `[application: a ]\n${MAKE}\n[composit:b]\n${MAKE}\n[filter:c]\n${MAKE}\n`;
    expect((await context(ini, { name: "a" })).node.section).toBe("application: a ");
    expect((await context(ini, { name: "b" })).node.name).toBe("b");
    expect(await contextFault(ini, { name: "c" })).toMatchObject({
      category: "lookup",
      message: expect.stringContaining("; [filter:c] (line 5) is a filter"),
    });
    const folder = await site({ "app.ini": ini, "apps.mjs": APPS });
    const filter = loadContext("filter", "config:app.ini", { relativeTo: folder, name: "a" });
    await expect(filter).rejects.toThrow("; [application: a ] (line 1) is an app");
  });

  test("of two spellings the first counts; across groups a name is ambiguous (L5)", async () => {
    const two = `[application:x]\n${MAKE}\nv = 1\n[app:x]\n${MAKE}\nv = 2\n`;
    expect((await context(two, { name: "x" })).localConf.v).toBe("2");
    expect((await contextFault(`${two}[composite:x]\n${MAKE}\n`, { name: "x" })).message).toContain(
      "Ambiguous section names 'app:x' (line 4), 'composite:x' (line 7) for app 'x'",
    );
    expect(await contextFault(`[app:z]\n${MAKE}\n[app: z]\n${MAKE}\n`, { name: "z" })).toMatchObject({
      category: "lookup",
      message: expect.stringContaining("'app:z' (line 1), 'app: z' (line 3)"),
    });
  });

  test("a name that is not there gets the nearest one", async () => {
    expect((await contextFault(`[app:wiki]\n${MAKE}\n`, { name: "wikki" })).message).toBe(
      "No section 'wikki' (prefixed by 'app' or 'application' or 'composite' or 'composit' or 'pipeline' or 'filter-app') found in config app.ini (did you mean 'wiki'?)",
    );
  });

  test("a bare [app] is for a composite's loader alone, and the error says so (L3)", async () => {
    expect((await contextFault(`[app]\n${MAKE}\n`)).message).toContain("a bare [app]: write [app:main]");
  });

  test("sections named like members of objects are sections", async () => {
    const ini = `[app:__proto__]\n${MAKE}\n__proto__ = p\nconstructor = c\n`;
    const { localConf } = await context(ini, { name: "__proto__" });
    expect(Object.entries(localConf)).toEqual([
      ["__proto__", "p"],
      ["constructor", "c"],
    ]);
    expect(Object.getPrototypeOf(localConf)).toBe(null);
    expect(await contextFault(ini, { name: "constructor" })).toMatchObject({ category: "lookup" });
  });
});

describe("settings", () => {
  test("an option that [DEFAULT] has too is no local one, and a warning says to write set (L11)", async () => {
    const ini = `[DEFAULT]\ndebug = false\n[app:main]\n${MAKE}\ndebug = true\nshown = %(debug)s\n`;
    expect(await settings(ini)).toEqual({ global: { debug: "false" }, local: { shown: "true" } });
    const { warnings } = await context(ini);
    expect(warnings.map(({ at, key, message }) => [at.line, key, message])).toEqual([
      [5, "debug", "'debug' is no setting of [app:main], because [DEFAULT] has it too (line 2); write 'set debug = …'"],
    ]);
  });

  test("set reaches this object and what it is made of, not its siblings (L12)", async () => {
    const ini = `[DEFAULT]\nt = plain\n[pipeline:main]\nset t = loud\npipeline = f app\n[app:app]\n${MAKE}\n${FILTERS}`;
    const { node } = await context(ini);
    if (node.type !== "pipeline") throw new Error(node.type);
    expect([node.app, ...node.filters].map(({ globalConf }) => globalConf.values.t)).toEqual(["loud", "loud"]);
    expect((await context(ini, { name: "app" })).globalConf.t).toBe("plain");
  });

  test("get copies a global setting after every set; a missing one is a key error (L13)", async () => {
    const ini = (name: string) => `[DEFAULT]\nhost = h\n[app:main]\n${MAKE}\nget a = ${name}\nset late = l\n`;
    expect((await settings(ini("late"))).local).toEqual({ a: "l" });
    expect(await contextFault(ini("hots"))).toEqual({
      category: "key",
      message: "app.ini:5:1: get a: there is no global setting 'hots' (did you mean 'host'?)",
      line: 5,
      column: 1,
      key: "get a",
    });
  });

  // `get a = q` was an error for want of a global q, though `get  a = p` of [DEFAULT] took its place.
  test("of get lines for one name the last counts, and only it must be there (L13)", async () => {
    const ini = `[DEFAULT]\np = 1\nget  a = p\n[app:main]\n${MAKE}\nget a = q\n`;
    expect((await settings(ini)).local).toEqual({ a: "1" });
  });

  test("set and get of [DEFAULT] count in every section (L13)", async () => {
    expect(await settings(`[DEFAULT]\nset flag = on\nget copy = flag\n[app:main]\n${MAKE}\n`)).toEqual({
      global: { "set flag": "on", "get copy": "flag", flag: "on" },
      local: { copy: "on" },
    });
  });

  test("variables from outside fill gaps, override what factories get, and hide local ones (L14)", async () => {
    const ini = `[DEFAULT]\na = file\nmix = %(a)s-%(b)s\n[app:main]\n${MAKE}\nv = %(a)s\nb = mine\n`;
    const { global, local } = await settings(ini, { globalConf: { a: "given", b: "50%%" } });
    expect(global).toEqual({ a: "given", b: "50%%", mix: "file-50%" });
    expect(local).toEqual({ v: "file" });
    expect(await contextFault(ini, { globalConf: { b: "50%" } })).toMatchObject({
      category: "ini-interpolation-syntax",
    });
    expect(await contextFault(ini, { globalConf: { b: 5 as unknown as string } })).toMatchObject({ category: "value" });
  });

  test("a value of [DEFAULT] that is used nowhere is checked all the same (I9), other sections are not", async () => {
    expect(await contextFault(`[DEFAULT]\nx = %(y)s\n[app:main]\n${MAKE}\n`)).toMatchObject({ line: 2, column: 5 });
    await context(`[app:main]\n${MAKE}\n[formatter_x]\nformat = %(asctime)s\n`);
  });

  test("an empty reference of [DEFAULT] is the empty string", async () => {
    expect((await settings(`[DEFAULT]\nn =\nr = %(n)s\n[app:main]\n${MAKE}\nv = <%(r)s>\n`)).global.r).toBe("");
  });

  test("here is the file's own folder, whatever is in its name", async () => {
    const folder = await site({ "50% off/app.ini": `[app:main]\n${MAKE}\nv = %(here)s\n`, "50% off/apps.mjs": APPS });
    const { localConf } = await loadContext("app", "config:app.ini", { relativeTo: `${folder}/50% off` });
    expect(localConf.v).toBe(`${folder}/50% off`);
  });

  test("know where they come from", async () => {
    const { node } = await context(`[DEFAULT]\ng = 1\n[app:base]\n${MAKE}\na = 1\n[app:main]\nuse = base\n  \nb = 2\n`);
    const line = (at: { line: number } | undefined) => at?.line;
    expect([line(node.localConf.origins.a), line(node.localConf.origins.b), line(node.globalConf.origins.g)]).toEqual([
      5, 9, 2,
    ]);
    expect(node.globalConf.origins.here).toBeUndefined();
  });
});

describe("use", () => {
  test("of another section takes its settings, its own on top (L7)", async () => {
    const ini = `[app:base]\n${MAKE}\na = 1\nb = 1\nset s = base\n[app:main]\nuse = base\nb = 2\nset s = main\n`;
    expect(await settings(ini)).toEqual({ global: { s: "main" }, local: { a: "1", b: "2" } });
  });

  test("of another file: its defaults are hidden by the outer ones, its names are its own (L8, L15)", async () => {
    const inner = `[DEFAULT]\nwhere = inner\nown = only\n[app:main]\nuse = sub\nplace = %(where)s\n[app:sub]\nuse = ../apps.mjs:make\nat = %(here)s\ntitle = t\n`;
    const ini = `[DEFAULT]\nwhere = outer\ntitle = hidden\n[app:main]\nuse = config:lib/inner.ini\n`;
    const { global, local } = await settings(ini, {}, { "lib/inner.ini": inner });
    expect(global).toEqual({ where: "outer", title: "hidden", own: "only" });
    expect(local).toEqual({ at: expect.stringMatching(/\/lib$/), place: "inner" });
  });

  // A password with an escape came through the environment; handed on to the file that the section inherits from, it
  // was interpolated a second time, and loading ended in an error about '%40'.
  test("a % of the environment is not interpolated again in another file", async () => {
    const ini = "[DEFAULT]\nurl = %(env:URL)s\n[app:main]\nuse = config:base.ini\n";
    const base = `[app:main]\n${MAKE}\ncopy = %(url)s\n`;
    const { localConf } = await context(ini, { environment: () => "p%40ss" }, { "base.ini": base });
    expect(localConf.copy).toBe("p%40ss");
  });

  test.each([
    ["[app:main]\nuse = main\n", "[app:main] (line 1) → [app:main] (line 1)"],
    [
      "[app:main]\nuse = b\n[app:b]\nuse = c\n[app:c]\nuse = b\n",
      "[app:b] (line 3) → [app:c] (line 5) → [app:b] (line 3)",
    ],
    [
      "[pipeline:main]\npipeline = f main\n[filter:f]\nuse = ./apps.mjs:filter\n",
      "[pipeline:main] (line 1) → [pipeline:main] (line 1)",
    ],
    ["[app:main]\nuse = config:app.ini\n", "[app:main] (line 1) → [app:main] (line 1)"],
    ["[composite:main]\nuse = urlmap\n/ = main\n", "[composite:main] (line 1) → [composite:main] (line 1)"],
  ])("in a circle names the chain: %j", async (ini, chain) => {
    expect(await contextFault(ini)).toMatchObject({
      category: "recursion",
      message: expect.stringContaining(`sections lead in a circle: ${chain}`),
    });
  });

  test("of a chain without end is an error, and no broken process", async () => {
    const ini = Array.from({ length: 3000 }, (_, i) => `[app:${i === 0 ? "main" : i}]\nuse = ${i + 1}\n`).join("");
    expect(await contextFault(ini)).toMatchObject({ category: "recursion" });
  });

  test.each([
    ["nothing here", "No section 'nothing here'"],
    ["lint", "the built-in of that name is a filter_app_factory"],
    ["config:none.ini", "No such file: none.ini"],
    ["call:apps", "not in format module:function"],
    ["./none.mjs:make", "No module './none.mjs': there is no file none.mjs"],
    ["npm:not-installed-thing", "No package 'not-installed-thing' was found from"],
    ["egg:Paste#urlmop", "Entry point 'urlmop' not found in egg 'Paste'"],
    ["egg:Paste#lint", "is a filter_app_factory, and no app"],
  ])("of %s says what is wrong, and where", async (use, text) => {
    expect(await contextFault(`[app:main]\nuse = ${use}\n`)).toMatchObject({
      message: expect.stringContaining(text),
      line: 2,
    });
  });

  test("in [DEFAULT] is not taken over, and the error says so (L11)", async () => {
    const { message, category } = await contextFault("[DEFAULT]\nuse = ./apps.mjs:make\n[app:main]\na = 1\n");
    expect(category).toBe("lookup");
    expect(message).toContain("No loader given in section 'app:main'");
    expect(message).toContain("a 'use' of [DEFAULT] is not taken over");
  });
});

describe("protocol keys (L10)", () => {
  test("name a factory; use beats them", async () => {
    const { node } = await context("[app:main]\npaste.app_factory = apps:make\nx = 1\n");
    expect(node).toMatchObject({ type: "factory", protocol: "app_factory", localConf: { values: { x: "1" } } });
    const both = await context(`[app:main]\n${MAKE}\ntsgi.app_factory = other:make\n`);
    expect({ ...both.localConf }).toEqual({ "tsgi.app_factory": "other:make" });
  });

  test("of two groups are too many, none is too few, and a slip gets the nearest", async () => {
    expect(await contextFault("[app:main]\ntsgi.app = apps:hello\npaste.app_factory = apps:make\n")).toMatchObject({
      category: "lookup",
      message: expect.stringContaining(
        "Multiple protocols given in section 'app:main': paste.app_factory = apps:make, tsgi.app = apps:hello",
      ),
    });
    expect((await contextFault("[app:main]\ntsgi.ap = apps:hello\n")).message).toContain("(did you mean 'tsgi.app'?)");
  });

  test("a module without a path is a package, or else a file beside the configuration", async () => {
    const { node } = await context("[app:main]\nuse = apps:make\n");
    expect(node.type === "factory" && node.reference).toMatchObject({
      from: "module",
      specifier: expect.stringMatching(/^file:.*\/apps\.mjs$/),
      path: ["make"],
    });
    const packages = { "node_modules/apps/package.json": '{"name":"apps"}' };
    const other = await context("[app:main]\nuse = apps:make\n", {}, packages);
    expect(other.node.type === "factory" && other.node.reference).toMatchObject({ specifier: "apps" });
  });

  test("settings beside a thing that exists already reach nothing, and a warning says so", async () => {
    const { warnings } = await context("[app:main]\ntsgi.app = apps:hello\ncolour = red\n");
    expect(warnings.map(({ at, message }) => [at.line, message])).toEqual([
      [3, "'colour' reaches nothing: tsgi.app takes a thing as it is; 'use = apps:hello' would call a factory with it"],
    ]);
  });
});

describe("filters", () => {
  const app = `[app:app]\n${MAKE}\n`;

  test("filter-with wraps; a filter's own filter is outermost (L16)", async () => {
    const ini = `[app:main]\n${MAKE}\nfilter-with = a\n[filter:a]\nuse = ./apps.mjs:filter\nfilter-with = g\n${FILTERS}`;
    const { node, objectType, protocol } = await context(ini);
    expect(shape(node)).toBe("g(a)(main)");
    expect([objectType, protocol]).toEqual(["filtered_with", null]);
  });

  test("filter-with goes around a finished pipeline, filter-app and used section", async () => {
    const ini = `[pipeline:p]\nfilter-with = g\npipeline = f app\n[filter-app:fa]\n${MAKE.replace("make", "filter")}\nnext = app\nfilter-with = g\n[app:u]\nuse = p\nfilter-with = f\n${app}${FILTERS}`;
    expect(shape((await context(ini, { name: "p" })).node)).toBe("g(f(app))");
    expect(shape((await context(ini, { name: "fa" })).node)).toBe("g(fa(app))");
    expect(shape((await context(ini, { name: "u" })).node)).toBe("f(g(f(app)))");
  });

  test("a section that uses a filtered one has its settings in the filtered object", async () => {
    const ini = `[app:main]\nuse = base\nv = 2\n[app:base]\n${MAKE}\nv = 1\nfilter-with = f\n${FILTERS}`;
    const { node } = await context(ini);
    expect(node.type === "filtered_with" && node.inner.localConf.values.v).toBe("2");
  });

  test("a pipeline needs names, and nothing else (L17)", async () => {
    expect(shape((await context(`[pipeline:main]\npipeline =\n  f\n  g\n  app\n${app}${FILTERS}`)).node)).toBe(
      "f(g(app))",
    );
    expect(await contextFault("[pipeline:main]\nset a = 1\n")).toMatchObject({
      category: "lookup",
      message: expect.stringContaining("The [pipeline:main] section in app.ini is missing a 'pipeline' setting"),
    });
    expect(await contextFault(`[pipeline:main]\npipeline = app\ncolour = red\nsize = 2\n${app}`)).toMatchObject({
      message: expect.stringContaining("extra (disallowed) settings: colour, size"),
      line: 3,
    });
    expect(await contextFault("[pipeline:main]\npipeline =\n")).toMatchObject({ category: "index", line: 2 });
    expect(await contextFault(`[pipeline:main]\npipeline = app f\n${app}${FILTERS}`)).toMatchObject({
      message: expect.stringContaining("No section 'f'"),
    });
  });

  test("items may be built-ins, modules and URIs", async () => {
    const ini = `[pipeline:main]\npipeline = lint ./apps.mjs:filter config:app.ini#f app\n${app}${FILTERS}`;
    expect(shape((await context(ini)).node)).toBe("lint(./apps.mjs:filter(f(app)))");
  });

  test("a filter-app needs next, and gives the rest to its filter (L18)", async () => {
    const ini = `[filter-app:main]\nuse = f\nnext = app\nlevel = 3\n${app}${FILTERS}`;
    const { node, localConf } = await context(ini);
    expect(shape(node)).toBe("main(app)");
    expect(node.type === "filter_app" && { ...node.filter.localConf.values }).toEqual({ level: "3" });
    expect({ ...localConf }).toEqual({ level: "3" });
    expect(await contextFault(`[filter-app:main]\nuse = f\n${FILTERS}`)).toMatchObject({
      message: expect.stringContaining("is missing a 'next' setting"),
    });
  });

  test("for a server filter-with is an ordinary setting", async () => {
    const folder = await site({
      "app.ini": "[server:main]\nuse = ./apps.mjs:server\nfilter-with = f\n",
      "apps.mjs": APPS,
    });
    const { localConf } = await loadContext("server", "config:app.ini", { relativeTo: folder });
    expect({ ...localConf }).toEqual({ "filter-with": "f" });
  });
});

describe("composites", () => {
  test("a built-in's children are in the tree, by the setting that names them", async () => {
    const ini = `[composite:main]\nuse = egg:Paste#urlmap\nset t = loud\n/ = a\n/b = config:b.ini\n[app:a]\n${MAKE}\n`;
    const { node } = await context(ini, {}, { "b.ini": `[app:main]\n${MAKE}\n` });
    if (node.type !== "factory") throw new Error(node.type);
    expect(
      Object.entries(node.children ?? {}).map(([key, child]) => [key, child.section, child.globalConf.values.t]),
    ).toEqual([
      ["/", "app:a", "loud"],
      ["/b", "app:main", "loud"],
    ]);
  });

  test("a child that is not there is told where it is named, before anything is imported", async () => {
    const ini = "[composite:main]\nuse = urlmap\n/ = first\n/x = nobody\n[app:first]\nuse = ./loud.mjs:make\n";
    const loud = { "loud.mjs": "globalThis.wasImported = true; export const make = () => () => [];" };
    expect(await contextFault(ini, {}, loud)).toMatchObject({ category: "lookup", line: 4, key: "/x" });
    expect("wasImported" in globalThis).toBe(false);
  });

  // 'http://a.test/ = home' has the key 'http'; its value was looked for as the module '//a.test/ = home'
  test("a host written as a URL before the delimiter is told how it is written", async () => {
    const ini = `[composite:main]\nuse = urlmap\nhttp://a.test/ = home\n[app:home]\n${MAKE}\n`;
    const { category, line, message } = await contextFault(ini);
    expect([category, line]).toEqual(["lookup", 3]);
    expect(message).toContain("No section '//a.test/ = home'");
    expect(message).toContain("a host is written 'domain HOST /PATH = NAME'");
  });

  test("appConfig tells a composite's settings without looking at its children (L22)", async () => {
    const folder = await site({ "app.ini": "[composite:main]\nuse = urlmap\n/x = nobody\n" });
    const { config, localConf, context: of } = await appConfig("config:app.ini", { relativeTo: folder });
    expect({ ...localConf }).toEqual({ "/x": "nobody" });
    expect(config["/x"]).toBe("nobody");
    expect(of.protocol).toBe("paste.composite_factory");
  });
});

describe("URIs (L1, L2)", () => {
  test.each([
    ["app.ini", "lookup", "URI has no scheme: 'app.ini'; a file is written 'config:PATH'"],
    ["ftp:app.ini", "lookup", "URI scheme not known: 'ftp' (from config, npm, egg, call, jsr, file)"],
    ["config:app.ini", "value", "Cannot resolve relative uri 'config:app.ini'; no relativeTo"],
    ["config:/no/such/file.ini", "io", "No such file: /no/such/file.ini"],
  ])("%s is refused", async (uri, category, text) => {
    expect(await fault(loadApp(uri))).toMatchObject({ category, message: expect.stringContaining(text) });
  });

  // 'use = config:other.ini #wiki' was "No such file: other.ini "; the original strips the path
  test("white space between a path and its # is no part of the path", async () => {
    const ini = "[app:main]\nuse = config:other.ini #wiki\n";
    const { localConf } = await context(ini, {}, { "other.ini": `[app:wiki]\n${MAKE}\nv = 1\n` });
    expect({ ...localConf }).toEqual({ v: "1" });
  });

  test("paths are percent-decoded and may have backslashes; # is written %23", async () => {
    const folder = await site({ "a b/c#d.ini": "[app:x]\nuse = ../apps.mjs:make\n", "apps.mjs": APPS });
    const load = async (uri: string) => (await loadContext("app", uri, { relativeTo: folder })).node.name;
    expect(await load("config:a%20b/c%23d.ini#x")).toBe("x");
    expect(await load("config:a%20b\\c%23d.ini#x")).toBe("x");
  });

  test("relativeTo is a folder, a URL, or a module's URL; file: URIs need none", async () => {
    const folder = await site({ "app.ini": `[app:main]\n${MAKE}\n`, "apps.mjs": APPS });
    const name = async (uri: string | URL, relativeTo?: string | URL) =>
      (await loadContext("app", uri, { relativeTo })).node.name;
    expect(await name("config:app.ini", folder)).toBe("main");
    expect(await name("config:app.ini", new URL(`file://${folder}/`))).toBe("main");
    expect(await name("config:app.ini", `file://${folder}/server.ts`)).toBe("main");
    expect(await name(new URL(`file://${folder}/app.ini`))).toBe("main");
    expect(await name(`config:${folder}/app.ini`)).toBe("main");
    expect(await fault(name("config:app.ini", "https://example.com/"))).toMatchObject({ category: "value" });
  });

  test("a module may be loaded by itself", async () => {
    const folder = await site({ "apps.mjs": APPS });
    for (const uri of ["call:./apps.mjs:make", "file:apps.mjs:make", `file://${folder}/apps.mjs:make`]) {
      const { node } = await loadContext("app", uri, { relativeTo: folder, globalConf: { g: "1" } });
      expect(node).toMatchObject({ type: "factory", protocol: "app_factory", name: "" });
      expect({ ...node.globalConf.values }).toEqual({ g: "1" });
    }
  });

  test("a file that is no UTF-8 is refused", async () => {
    const folder = await site({});
    const { writeFile } = await import("node:fs/promises");
    await writeFile(`${folder}/app.ini`, Uint8Array.of(0x5b, 0xff, 0x5d));
    expect(await fault(loadApp("config:app.ini", { relativeTo: folder }), folder)).toMatchObject({
      category: "value",
      message: "app.ini is not UTF-8",
    });
  });
});

test("require names packages that must be installed (L21)", async () => {
  const files = { "node_modules/Some_Thing/package.json": '{"name":"some-thing"}' };
  expect(await settings(`[app:main]\n${MAKE}\nrequire = Paste some.thing\n`, {}, files)).toMatchObject({ local: {} });
  expect(await contextFault(`[app:main]\n${MAKE}\nrequire = Paste not-there\n`)).toMatchObject({
    category: "package",
    message: expect.stringContaining("No package 'not-there' was found from"),
    line: 3,
    key: "require",
  });
});

test("files are told in the order in which they were read", async () => {
  const ini = "[app:main]\nuse = config:b.ini\n";
  const { files, node } = await context(ini, {}, { "b.ini": `[app:main]\n${MAKE}\n` });
  expect(files.map((file) => file.replace(/.*\//, ""))).toEqual(["app.ini", "b.ini"]);
  expect(JSON.parse(JSON.stringify(node))).toMatchObject({
    type: "factory",
    section: "app:main",
    globalConf: { values: {} },
  });
});

// A composite alone had settings to show though a module of an app that it names is broken; in a pipeline, or with
// filter-with, it had none. The original takes all three.
test.each(["bare", "filtered", "piped"])("appConfig leaves the apps of a composite alone: %s", async (name) => {
  const composite = "use = urlmap\n/ = child\n";
  const folder = await site({
    "app.ini": `[composite:bare]\n${composite}[composite:filtered]\n${composite}filter-with = f\n[pipeline:piped]\npipeline = f bare\n[app:child]\nuse = ./apps.mjs:nope\n${FILTERS}`,
    "apps.mjs": APPS,
  });
  const { localConf } = await appConfig("config:app.ini", { relativeTo: folder, name });
  expect(Object.keys(localConf)).not.toContain("use");
});
