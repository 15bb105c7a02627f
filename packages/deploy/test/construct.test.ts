import { defineApp, defineFilter, type App, type Environ, type Lifespan } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { appConfig, ConfigError, loadApp, loadFilter, loadServer, type LoadOptions } from "../src/index.ts";
import { BUILTINS } from "../src/builtin/index.ts";
import { APPS, fault, site } from "./site.ts";

const MAKE = "use = ./apps.mjs:make";

async function folderOf(ini: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  return site({ "app.ini": ini, "apps.mjs": APPS, ...files });
}

async function load(ini: string, options: LoadOptions = {}, files: Readonly<Record<string, string>> = {}) {
  const app = await loadApp("config:app.ini", { relativeTo: await folderOf(ini, files), ...options });
  return app as App & { what: Record<string, unknown> };
}

async function loadFault(ini: string, files: Readonly<Record<string, string>> = {}, options: LoadOptions = {}) {
  const folder = await folderOf(ini, files);
  return fault(loadApp("config:app.ini", { relativeTo: folder, ...options }), folder);
}

/** What an app answers to a request that it does not look at. */
async function body(app: App): Promise<string> {
  let text = "";
  const made = await app({} as Environ, (() => () => {}) as unknown as Parameters<App>[1]);
  for await (const chunk of made as AsyncIterable<string>) text += chunk;
  return text;
}

describe("factories", () => {
  test("get global settings and their own, each records of its own without a prototype", async () => {
    const module = `export const make = (globalConf, localConf) => {
      globalConf.touched = localConf.touched = "yes";
      const bare = [globalConf, localConf].every((conf) => Object.getPrototypeOf(conf) === null);
      return Object.assign(() => [], { what: { bare, keys: Object.keys(localConf), proto: localConf.__proto__ } });
    };`;
    const ini = "[composite:main]\nuse = ./apps.mjs:composite\nof = a a\n[app:a]\nuse = ./m.mjs:make\n__proto__ = p\n";
    const seen = { bare: true, keys: ["__proto__", "touched"], proto: "p" };
    expect((await load(ini, {}, { "m.mjs": module })).what).toEqual({ parts: [seen, seen] });
  });

  test("may be asynchronous, each of them", async () => {
    const module = `import * as apps from "./apps.mjs";
      export const make = async (...args) => apps.make(...args);
      export const filter = async (...args) => apps.filter(...args);`;
    const ini = `[pipeline:main]\npipeline = f g a\n[app:a]\nuse = ./m.mjs:make\nx = 1\n[filter:f]\nuse = ./m.mjs:filter\nlabel = f\n[filter:g]\npaste.filter_app_factory = apps:filterApp\nlabel = g\n`;
    expect((await load(ini, {}, { "m.mjs": module })).what).toMatchObject({
      filter: "f",
      app: { filterApp: "g", app: { localConf: { x: "1" } } },
    });
  });

  test("may be members of objects, and are called as such", async () => {
    const module = `export const Wiki = { name: "w", factory() { return Object.assign(() => [], { what: this.name }); } };`;
    expect((await load("[app:main]\npaste.app_factory = m:Wiki.factory\n", {}, { "m.mjs": module })).what).toBe("w");
  });

  test("may be default exports, and CommonJS", async () => {
    const module = "module.exports = { make: () => Object.assign(() => [], { what: 'cjs' }) };";
    expect((await load("[app:main]\nuse = ./m.cjs:make\n", {}, { "m.cjs": module })).what).toBe("cjs");
    const other = "export default () => Object.assign(() => [], { what: 'default' });";
    expect((await load("[app:main]\nuse = ./m.mjs\n", {}, { "m.mjs": other })).what).toBe("default");
  });

  test("made by defineApp have their settings checked: each bad one is told with its line", async () => {
    const schema = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: () => ({
          issues: [
            { message: "is no number", path: ["count"] },
            { message: "is wanted", path: ["title"] },
          ],
        }),
      },
    };
    const before = BUILTINS.static.load;
    const strict = defineApp({ settings: schema, create: () => () => [] });
    Object.assign(BUILTINS.static, { load: async () => strict.factory });
    try {
      const folder = await folderOf("[app:main]\nuse = static\n\ncount = x\n");
      const error = await loadApp("config:app.ini", { relativeTo: folder }).catch(
        (thrown: unknown) => thrown as ConfigError,
      );
      if (!(error instanceof ConfigError)) throw new Error("no error came");
      expect(error).toMatchObject({ category: "type", key: "count", at: { line: 4 } });
      expect(error.errors.map(({ key, at }) => [key, at?.line])).toEqual([
        ["count", 4],
        ["title", 2],
      ]);
      expect(error.message).toContain("[app:main] 'static' refuses 2 settings:");
      expect(error.message).toContain("app.ini:4:1: [app:main] 'static': setting 'count' is no number");
    } finally {
      Object.assign(BUILTINS.static, { load: before });
    }
  });

  test("that throw are told with section, line and their own error as the cause (L24)", async () => {
    const module =
      "export const make = () => { throw new RangeError('no database'); }; export const strict = () => { throw new TypeError('x is wanted'); };";
    const folder = await folderOf("[app:main]\nuse = ./m.mjs:make\n", { "m.mjs": module });
    const error = await loadApp("config:app.ini", { relativeTo: folder }).catch(
      (thrown: unknown) => thrown as ConfigError,
    );
    expect(error).toMatchObject({ category: "value", section: "app:main", at: { line: 2 } });
    expect((error as ConfigError).message).toBe(`${folder}/app.ini:2:1: [app:main] './m.mjs:make': no database`);
    expect((error as ConfigError).cause).toBeInstanceOf(RangeError);
    expect(await loadFault("[app:main]\nuse = ./m.mjs:strict\n", { "m.mjs": module })).toMatchObject({
      category: "type",
    });
  });

  test("are called only once everything is there: a missing attribute comes before a factory's own error", async () => {
    const ini = `[pipeline:main]\npipeline = f a\n[app:a]\nuse = ./m.mjs:make\n[filter:f]\nuse = ./apps.mjs:filtre\n`;
    expect(await loadFault(ini, { "m.mjs": "export const make = () => { throw new Error('called'); };" })).toEqual({
      category: "attribute",
      message: "app.ini:6:1: module './apps.mjs' has no attribute 'filtre' (did you mean 'filter'?)",
      line: 6,
      column: 1,
      key: undefined,
    });
  });

  test("of a module that fails are import errors, with the place", async () => {
    expect(
      await loadFault("[app:main]\nuse = ./m.mjs:make\n", { "m.mjs": "throw new Error('at the top');" }),
    ).toMatchObject({
      category: "import",
      message: "app.ini:2:1: cannot import './m.mjs:make': at the top",
    });
    expect(await loadFault("[app:main]\nuse = call:no_such_module:make\n")).toMatchObject({
      category: "import",
      line: 2,
    });
    expect((await loadFault("[app:main]\nuse = ./m.mjs\n", { "m.mjs": "export const a = 1;" })).message).toContain(
      "module './m.mjs' has no default export; it exports a: './m.mjs:a'",
    );
  });

  test("that give nothing give nothing", async () => {
    expect(
      await load("[app:main]\nuse = ./m.mjs:make\n", {}, { "m.mjs": "export const make = () => {};" }),
    ).toBeUndefined();
  });
});

describe("things that exist already", () => {
  const FETCH =
    "export default { fetch: () => new Response('fetched') }; export const handler = () => new Response('handled');";

  test("are taken as they are", async () => {
    expect(await body(await load("[app:main]\ntsgi.app = ./apps.mjs:hello\n"))).toBe("hello");
    const filtered = `[app:main]\ntsgi.app = ./apps.mjs:hello\nfilter-with = f\n[filter:f]\ntsgi.filter = ./m.mjs:louder\n`;
    const module = "export const louder = (app) => async (environ, start) => [...(await app(environ, start)), '!'];";
    expect(await body(await load(filtered, {}, { "m.mjs": module }))).toBe("hello!");
  });

  test("may be fetch handlers, as objects and as functions", async () => {
    const { call, setupTestingDefaults } = await import("@tsgi/core");
    for (const [name, text] of [
      ["m.mjs", "fetched"],
      ["m.mjs:handler", "handled"],
    ]) {
      const app = await load(`[app:main]\ntsgi.fetch = ./${name}\n`, {}, { "m.mjs": FETCH });
      const environ = setupTestingDefaults({ PATH_INFO: "/" });
      environ["tsgi.request"] = new Request("http://localhost/");
      const answer = await call(app, environ);
      let got = "";
      for await (const chunk of answer.body as AsyncIterable<string | Uint8Array>)
        got += typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
      expect(got).toBe(text);
    }
  });

  // Each of these is a wrong guess of somebody who wrote a configuration: the error names the right key.
  test.each([
    ["use = ./apps.mjs:hello", "if it is an app itself and no factory, write 'tsgi.app = ./apps.mjs:hello'"],
    [
      "use = ./m.mjs:generator",
      "gave a body; an app is wanted, a function; if it is an app itself and no factory, write 'tsgi.app = ./m.mjs:generator'",
    ],
    ["use = ./m.mjs", "has fetch: write 'tsgi.fetch = ./m.mjs'"],
    [
      "use = ./m.mjs:handler",
      "gave a Response; an app is wanted, a function; if it is a fetch handler, write 'tsgi.fetch = ./m.mjs:handler'",
    ],
    ["use = ./m.mjs:express", "is a listener: write 'tsgi.listener = ./m.mjs:express'"],
    ["use = ./m.mjs:text", "is a string; a factory is wanted, a function"],
    ["use = ./m.mjs:defined", "makes a filter; an app is wanted here"],
    ["tsgi.app = ./m.mjs", "is an object with fetch: write 'tsgi.fetch = ./m.mjs'"],
    ["tsgi.app = ./m.mjs:express", "is a listener: write 'tsgi.listener = ./m.mjs:express'"],
    ["tsgi.app = ./m.mjs:defined", "is a factory: write 'use = ./m.mjs:defined'"],
    ["tsgi.app = ./m.mjs:text", "is a string; an app (environ, startResponse) => body is wanted"],
    ["tsgi.fetch = ./m.mjs:text", "is a string; a function (request) => Response or an object with fetch is wanted"],
    ["tsgi.listener = ./m.mjs", "is an object with fetch: write 'tsgi.fetch = ./m.mjs'"],
  ])("%s says what it is", async (line, text) => {
    const module = `${FETCH}
      export function* generator(environ, startResponse) { startResponse("200 OK", []); yield "x"; }
      export const express = Object.assign((req, res) => {}, { handle() {}, use() {}, listen() {} });
      export const text = "x";
      export const defined = Object.assign(() => {}, { factory: () => {}, kind: "filter" });`;
    expect(await loadFault(`[app:main]\n${line}\n`, { "m.mjs": module })).toMatchObject({
      category: "type",
      message: expect.stringContaining(text),
      line: 2,
    });
  });

  test("that turn out to be factories say so at the first request", async () => {
    const app = await load("[app:main]\ntsgi.app = ./apps.mjs:make\n");
    expect(await fault(() => body(app))).toMatchObject({
      message: expect.stringContaining("it is a factory, write 'use = ./apps.mjs:make'"),
      line: 2,
    });
  });

  test("a filter named as a factory is told at loading", async () => {
    const module = "export const f = (app) => (environ, start) => app(environ, start);";
    const ini = `[pipeline:main]\npipeline = f a\n[app:a]\n${MAKE}\n[filter:f]\nuse = ./m.mjs:f\n`;
    expect((await loadFault(ini, { "m.mjs": module })).message).toContain("write 'tsgi.filter = ./m.mjs:f'");
  });
});

describe("a composite's loader", () => {
  const COMPOSITE = `export const ask = async (loader, globalConf, { ask }) => {
    const given = { ...globalConf };
    return Object.assign(() => [], { what: await eval(ask)(loader, globalConf) });
  };`;
  const ini = (ask: string) =>
    `[DEFAULT]\nt = plain\n[composite:main]\nuse = ./m.mjs:ask\nset t = loud\nask = ${ask}\n[app:a]\n${MAKE}\n[filter:f]\nuse = ./apps.mjs:filter\nlabel = f\n[server:s]\nuse = ./apps.mjs:server\nport = 1\n`;
  const ask = async (question: string, options: LoadOptions = {}) =>
    (await load(ini(question), options, { "m.mjs": COMPOSITE })).what as unknown;

  test("hands settings on, or starts from [DEFAULT] alone (L19)", async () => {
    const t =
      "async (l, g) => [g, undefined, { ...g, t: 'other' }].reduce(async (all, c) => [...(await all), (await l.getApp('a', c)).what.globalConf.t], [])";
    expect(await ask(t)).toEqual(["loud", "plain", "other"]);
  });

  test("gives filters and servers too", async () => {
    expect(await ask("async (l, g) => (await l.getFilter('f', g))(await l.getApp('a', g)).what.filter")).toBe("f");
    expect(
      await ask("async (l, g) => (await (await l.getServer('s', g))(await l.getApp('a', g))).localConf.port"),
    ).toBe("1");
  });

  test("knows the names and the file, modules and URIs", async () => {
    expect(await ask("async (l) => [l.names('app'), l.names('filter'), l.file.split('/').pop()]")).toEqual([
      ["main", "a"],
      ["f"],
      "app.ini",
    ]);
    expect(await ask("async (l, g) => (await l.getApp('./apps.mjs:make', g)).what.localConf")).toEqual({});
    expect(await ask("async (l, g) => (await l.getApp('config:app.ini#a', g)).what.globalConf.t")).toBe("loud");
  });

  test("says where a name stands that it does not know", async () => {
    const folder = await folderOf(ini("(l, g) => l.getApp('nobody', g)"), { "m.mjs": COMPOSITE });
    expect(await fault(loadApp("config:app.ini", { relativeTo: folder }), folder)).toMatchObject({
      category: "lookup",
      message: expect.stringContaining("No section 'nobody'"),
      line: 6,
    });
  });

  test("does not go in a circle", async () => {
    const folder = await folderOf("[composite:main]\nuse = ./apps.mjs:composite\nof = main\n");
    expect(await fault(loadApp("config:app.ini", { relativeTo: folder }), folder)).toMatchObject({
      category: "recursion",
    });
  });

  // "No section 'blog' found in app.ini", while the composite's file had [app:blog], said nothing of why it is not looked at
  test.each(["urlmap\n/ = blog", "./apps.mjs:composite\nof = blog"])(
    "of another file's composite, without a name that only that file has, says how it is written: %j",
    async (composite) => {
      const files = {
        "app.ini": "[composite:main]\nuse = config:lib/site.ini\n",
        "lib/site.ini": `[composite:main]\nuse = ${composite.replace("./", "../")}\n[app:blog]\nuse = ../apps.mjs:make\n`,
        "apps.mjs": APPS,
      };
      const folder = await site(files);
      const { message } = await fault(loadApp("config:app.ini", { relativeTo: folder }), folder);
      expect(message).toMatch(
        /No section 'blog' .* found in config app\.ini; lib\/site\.ini has it, .*'config:lib\/site\.ini#blog'$/,
      );
      const outer = { "app.ini": "[composite:main]\nuse = config:lib/site.ini\n[app:blog]\nuse = ./none.mjs\n" };
      const other = await site({ ...files, ...outer });
      expect(await fault(loadApp("config:app.ini", { relativeTo: other }))).toMatchObject({ category: "import" });
    },
  );

  test("of another file's composite resolves names in the file that uses it (L19)", async () => {
    const lib =
      "[composite:site]\nuse = ../apps.mjs:composite\nof = page\n[app:page]\nuse = ../apps.mjs:make\nmark = inner\n";
    const outer = `[composite:main]\nuse = config:lib/lib.ini#site\n[app:page]\n${MAKE}\nmark = outer\n`;
    const { what } = await load(outer, {}, { "lib/lib.ini": lib });
    expect(what).toMatchObject({ parts: [{ localConf: { mark: "outer" } }] });
  });
});

describe("what parts hold", () => {
  const HOLDING = `export const closed = [];
    const holding = (name, thing) => Object.assign(thing, { [Symbol.asyncDispose]: async () => void closed.push(name) });
    export const app = (g, { name }) => holding(name, () => []);
    export const filter = (g, { name }) => holding(name, (inner) => (environ, start) => inner(environ, start));
    export const composite = async (loader, g) => { const a = await loader.getApp("a", g); return (...args) => a(...args); };
    export const broken = () => { throw new Error("broken"); };
    globalThis.closedParts = closed;`;
  const ini = (main: string) =>
    `${main}\n[app:a]\nuse = ./m.mjs:app\nname = a\n[filter:f]\nuse = ./m.mjs:filter\nname = f\n[filter:b]\nuse = ./m.mjs:broken\n`;
  const closed = (): string[] => (globalThis as unknown as { closedParts: string[] }).closedParts;

  test.each([
    ["[pipeline:main]\npipeline = f a", ["f", "a"]],
    ["[composite:main]\nuse = ./m.mjs:composite\nfilter-with = f", ["a", "f"]],
    ["[composite:main]\nuse = urlmap\n/ = a", ["a"]],
  ])("is let go of with the whole, once: %j", async (main, names) => {
    const app = await load(ini(main), {}, { "m.mjs": HOLDING });
    const lifespan = app as unknown as Lifespan;
    await lifespan[Symbol.asyncDispose]?.();
    await lifespan[Symbol.asyncDispose]?.();
    expect(closed().toSorted()).toEqual(names.toSorted());
  });

  test("is let go of when a later part fails", async () => {
    expect(await loadFault(ini("[pipeline:main]\npipeline = f b a"), { "m.mjs": HOLDING })).toMatchObject({
      category: "value",
    });
    expect(closed().toSorted()).toEqual(["a", "f"]);
  });

  test("an app that holds nothing is the very object that its factory gave", async () => {
    const app = await load(`[app:main]\n${MAKE}\n`);
    expect(app.what).toBeDefined();
    expect(Symbol.asyncDispose in app).toBe(false);
  });
});

test("filters and servers are loaded by name", async () => {
  const folder = await folderOf(
    "[filter:main]\npaste.filter_app_factory = apps:filterApp\nlabel = x\n[server:main]\nuse = apps:server\nport = 80\n[server:run]\npaste.server_runner = m:run\n",
    {
      "m.mjs": "export const run = async (app, g, localConf) => ({ url: 'r', close: async () => {}, app });",
    },
  );
  const options = { relativeTo: folder };
  const inner = Object.assign((() => []) as unknown as App, { what: "inner" });
  // its factory is asynchronous, so the first requests wait for it
  const filtered = (await loadFilter("config:app.ini", options))(inner);
  expect(JSON.parse(await body(filtered))).toEqual({ filterApp: "x", app: "inner" });
  expect(await (await loadServer("config:app.ini", options))(inner)).toMatchObject({
    app: "inner",
    localConf: { port: "80" },
  });
  expect(await (await loadServer("config:app.ini#run", options))(inner)).toMatchObject({ url: "r", app: inner });
});

test("appConfig imports what it names, and calls no factory (L24)", async () => {
  const module = "export const make = () => { throw new Error('called'); };";
  const folder = await folderOf("[app:main]\nuse = ./m.mjs:make\nx = 1\n[app:bad]\nuse = ./m.mjs:none\n", {
    "m.mjs": module,
  });
  expect({ ...(await appConfig("config:app.ini", { relativeTo: folder })).localConf }).toEqual({ x: "1" });
  expect(await fault(appConfig("config:app.ini#bad", { relativeTo: folder }), folder)).toMatchObject({
    category: "attribute",
  });
});

test("defineFilter makes a filter for a filter-app too", async () => {
  const before = BUILTINS.lint.load;
  const tag = defineFilter({
    create: (settings) => (app) => Object.assign(((e, s) => app(e, s)) as App, { settings }),
  });
  Object.assign(BUILTINS.lint, { load: async () => tag });
  try {
    const app = await load(`[filter-app:main]\nuse = lint\nnext = a\nname = n\n[app:a]\n${MAKE}\n`);
    expect({ ...(app as unknown as { settings: object }).settings }).toEqual({ name: "n" });
  } finally {
    Object.assign(BUILTINS.lint, { load: before });
  }
});
