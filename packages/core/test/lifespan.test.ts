import { describe, expect, it } from "vitest";
import { cascade } from "../src/compose/cascade.ts";
import { pipeline } from "../src/compose/pipeline.ts";
import { urlmap } from "../src/compose/urlmap.ts";
import type { App, Lifespan, Middleware } from "../src/contract.ts";
import { toFetch } from "../src/fetch/to-fetch.ts";
import { mapResponse } from "../src/filters/map-response.ts";
import { appOf, dispose, disposerOf } from "../src/lifespan.ts";
import { ask } from "./in-memory.ts";

const plain: App = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return ["plain"];
};
/** An app that says when it was disposed of. */
const held = (name: string, log: string[]): App & Required<Lifespan> =>
  Object.assign(((environ, start) => plain(environ, start)) as App, {
    [Symbol.asyncDispose]: async () => void log.push(name),
  });
const bare: Middleware = (app) => (environ, start) => app(environ, start);

const end = async (whole: unknown): Promise<void> => {
  await (whole as Lifespan)[Symbol.asyncDispose]?.();
};

describe("[Symbol.asyncDispose] is passed on", () => {
  it.each([
    ["pipeline", (app: App) => pipeline([bare, bare], app)],
    ["urlmap", (app: App) => urlmap({ "/": app, "/again": app })],
    ["urlmap's notFound", (app: App) => urlmap({ "/": plain }, { notFound: app })],
    ["cascade", (app: App) => cascade([app, plain, app])],
    ["mapResponse", (app: App) => mapResponse(app, {})],
    ["toFetch", (app: App) => toFetch(app)],
    ["toFetch of a promise", (app: App) => toFetch(Promise.resolve(app))],
    ["all of them", (app: App) => toFetch(pipeline([bare], urlmap({ "/": cascade([app, mapResponse(app, {})]) })))],
  ])("by %s, once", async (_name, wrap) => {
    const log: string[] = [];
    const whole = wrap(held("app", log));
    await end(whole);
    await end(whole);
    expect(log).toEqual(["app"]);
  });

  it("an app that stands in several wholes is disposed of once", async () => {
    const log: string[] = [];
    const app = held("app", log);
    await end(urlmap({ "/": pipeline([bare], app), "/b": cascade([app, plain]), "/c": app }));
    expect(log).toEqual(["app"]);
  });

  it("a filter may carry one, and a layer that it made answers for what it wraps", async () => {
    const log: string[] = [];
    const carrying = Object.assign(((app) => bare(app)) as Middleware, {
      [Symbol.asyncDispose]: async () => void log.push("filter"),
    });
    await end(pipeline([bare, carrying], held("app", log)));
    expect(log).toEqual(["app", "filter"]);
    const layer: Middleware = (app) =>
      Object.assign(bare(app), {
        async [Symbol.asyncDispose]() {
          log.push("layer");
          await (app as Lifespan)[Symbol.asyncDispose]?.();
        },
      });
    log.length = 0;
    await end(pipeline([bare, layer], held("app", log)));
    expect(log).toEqual(["layer", "app"]);
  });

  it("what holds nothing has none", () => {
    for (const whole of [pipeline([bare], plain), urlmap({ "/": plain }), cascade([plain, plain]), toFetch(plain)])
      expect(Symbol.asyncDispose in whole).toBe(false);
  });

  it("a part that fails does not keep the others from their turn, and its error comes out", async () => {
    const log: string[] = [];
    const failing: App = Object.assign(((environ, start) => plain(environ, start)) as App, {
      async [Symbol.asyncDispose]() {
        throw new Error("first");
      },
    });
    const whole = urlmap({ "/a": failing, "/b": held("b", log) });
    await expect(end(whole)).rejects.toThrow("first");
    expect(log).toEqual(["b"]);
  });

  it("is waited for", async () => {
    let done = false;
    const slow: App = Object.assign(((environ, start) => plain(environ, start)) as App, {
      async [Symbol.asyncDispose]() {
        await new Promise((resolve) => setTimeout(resolve, 10));
        done = true;
      },
    });
    await end(cascade([slow, plain]));
    expect(done).toBe(true);
  });
});

describe("a promise of an app", () => {
  it("is waited for by the first requests", async () => {
    const app = appOf(new Promise<App>((resolve) => setTimeout(() => resolve(plain), 5)));
    expect((await ask(app)).text).toBe("plain");
    expect((await ask(app)).text).toBe("plain");
  });

  it("that rejects answers 500 to each request, and disposing of it is no error", async () => {
    const failed = Promise.reject<App>(new Error("no database"));
    const app = appOf(failed);
    // an unhandled rejection would fail this run
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (let i = 0; i < 2; i++) {
      const seen = await ask(app);
      expect([seen.status, seen.text]).toEqual([500, "Internal Server Error"]);
      expect(seen.log).toContain("no database");
    }
    await expect(dispose([failed])).resolves.toBeUndefined();
  });

  it("of something that is no app is a 500 that says so", async () => {
    const seen = await ask(appOf(Promise.resolve("app" as unknown as App)));
    expect(seen.status).toBe(500);
    expect(seen.log).toContain("an app is a function (environ, startResponse) => body");
    expect(() => appOf({} as App)).toThrow("an app is a function (environ, startResponse) => body");
  });

  // without a plugin Bun takes `import app from "./app.ini"` for a file to copy, and gives its path without a word
  it("the path that an INI file is imported as where its plugin is missing says so", () => {
    expect(() => appOf("/app/wiki-1a2b.ini" as unknown as App)).toThrow(
      "body; of an INI file: the plugin of @tsgi/deploy is missing",
    );
    expect(() => appOf(5 as unknown as App)).toThrow(/body$/);
  });
});

describe("disposerOf", () => {
  it("is empty when no part can have a disposer", () => {
    expect(Object.getOwnPropertySymbols(disposerOf(plain, undefined, null, 5))).toEqual([]);
  });
});
