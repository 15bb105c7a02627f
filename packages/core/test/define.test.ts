import * as v from "valibot";
import { describe, expect, it } from "vitest";
import type { App, Middleware } from "../src/contract.ts";
import {
  defineApp,
  defineFilter,
  defineServer,
  SettingsError,
  type Schema,
  type Server,
} from "../src/filters/define.ts";
import { ask } from "./in-memory.ts";

const page =
  (text: string): App =>
  (_environ, startResponse) => {
    startResponse("200 OK", []);
    return [text];
  };

describe("define… without a schema", () => {
  it("defineApp: settings in, app out; the same from a configuration file's strings", async () => {
    const greeting = defineApp({ create: ({ text }: { text: string }) => page(text) });
    expect((await ask(greeting({ text: "hi" }))).text).toBe("hi");
    expect((await ask(await greeting.factory({ here: "/etc" }, { text: "from a file" }))).text).toBe("from a file");
    expect([greeting.kind, greeting.settings]).toEqual(["app", undefined]);
  });

  it("create gets the global settings of a file, and none in code", async () => {
    const seen: unknown[] = [];
    const app = defineApp({
      create(settings, globalConf) {
        seen.push(settings, globalConf);
        return page("x");
      },
    });
    app();
    await app.factory({ debug: "true" }, { a: "1" });
    expect(seen).toEqual([{}, {}, { a: "1" }, { debug: "true" }]);
  });

  it("defineFilter gives a filter", async () => {
    const tag = defineFilter({
      create:
        ({ name }: { name: string }): Middleware =>
        (app) =>
        (environ, start) =>
          app(environ, (status, headers, error) => start(status, [...headers, ["X-Tag", name]], error)),
    });
    expect((await ask(tag({ name: "a" })(page("x")))).header("x-tag")).toBe("a");
    expect(tag.kind).toBe("filter");
  });

  it("defineServer gives what serves an app", async () => {
    const server: Server = { url: "http://h", close: async () => {} };
    const main = defineServer({
      create: (settings: { port: string }) => async () => ({ ...server, url: settings.port }),
    });
    expect((await main({ port: "80" })(page("x"))).url).toBe("80");
    expect((await (await main.factory({}, { port: "81" }))(page("x"))).url).toBe("81");
    expect(main.kind).toBe("server");
  });
});

describe("define… with a Standard Schema", () => {
  // as in the documentation: from INI every setting is a string
  const rateLimit = defineFilter({
    settings: v.object({
      limit: v.pipe(v.string(), v.transform(Number), v.integer("limit is a whole number")),
      window: v.optional(v.string(), "60s"),
    }),
    create: (options): Middleware => {
      const checked: { limit: number; window: string } = options;
      return () => page(JSON.stringify(checked));
    },
  });

  it("create gets the checked settings, defaults filled in, from code and from a file", async () => {
    expect((await ask(rateLimit({ limit: "5" })(page("x")))).text).toBe('{"limit":5,"window":"60s"}');
    const filter = await rateLimit.factory({}, { limit: "7", window: "1s" });
    expect((await ask(filter(page("x")))).text).toBe('{"limit":7,"window":"1s"}');
    expect(rateLimit.settings).toBeDefined();
  });

  it("a bad or missing setting is a SettingsError naming it", () => {
    const caught = (settings: unknown): SettingsError => {
      try {
        rateLimit(settings as never);
      } catch (error) {
        return error as SettingsError;
      }
      throw new Error("nothing was thrown");
    };
    const bad = caught({ limit: "five" });
    expect(bad).toBeInstanceOf(SettingsError);
    expect(bad).toBeInstanceOf(TypeError);
    expect(bad.message).toBe('settings: "limit": limit is a whole number');
    expect(bad.issues).toEqual([{ key: "limit", message: "limit is a whole number" }]);
    expect(caught(undefined).issues.map(({ key }) => key)).toEqual(["limit"]);
    expect(caught({ limit: "1", window: 5 }).issues.map(({ key }) => key)).toEqual(["window"]);
    expect(() => rateLimit.factory({}, { limit: "x" })).toThrow(SettingsError);
  });

  it("nested keys are joined by dots, and what a key holds is escaped", () => {
    const deep = defineApp({
      settings: v.object({ a: v.object({ "b\n": v.string() }) }),
      create: () => page("x"),
    });
    expect(() => deep({ a: {} as never })).toThrow('settings: "a.b\\n": ');
  });

  it("a schema that checks asynchronously works by its factory, and says so in code", async () => {
    const later: Schema<{ text: string }, { text: string }> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: async (value) => ({ value: value as { text: string } }),
      },
    };
    const app = defineApp({ settings: later, create: ({ text }) => page(text) });
    expect((await ask(await app.factory({}, { text: "late" }))).text).toBe("late");
    expect(() => app({ text: "late" })).toThrow("await its factory({}, settings)");
    const bad: Schema = {
      "~standard": { version: 1, vendor: "test", validate: async () => ({ issues: [{ message: "no" }] }) },
    };
    await expect(defineApp({ settings: bad, create: () => page("x") }).factory({}, {})).rejects.toThrow("settings: no");
  });

  it("settings named like an object's own members are plain data", async () => {
    const app = defineApp({ create: (settings: Record<string, string>) => page(JSON.stringify(settings)) });
    const local = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
    expect((await ask(await app.factory({}, local))).text).toBe('{"__proto__":"x","constructor":"y"}');
  });
});

it("settings that are checked later, and refused then, are an error at the call and no unhandled rejection", async () => {
  const made = defineFilter({
    settings: {
      "~standard": { version: 1, vendor: "test", validate: async () => ({ issues: [{ message: "never good" }] }) },
    },
    create: () => (app) => app,
  });
  expect(() => made({})).toThrow("asynchronously");
  // an unhandled rejection would fail the run
  await new Promise((resolve) => setTimeout(resolve, 5));
});
