import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Environ } from "@tsgi/core";
import { check, ConfigError, loadApp } from "../src/index.ts";
import { site } from "./site.ts";

const MODULE = fileURLToPath(new URL("fixtures/schemas.mjs", import.meta.url));

describe.each(["zod", "valibot", "arktype"])("settings that %s checks", (name) => {
  const files = (count: string) => ({ "app.ini": `[app:main]\nuse = ${MODULE}:${name}\ncount = ${count}\n` });

  test("arrive as the schema makes them", async () => {
    const app = await loadApp("config:app.ini", { relativeTo: await site(files("5")) });
    const body = app({} as Environ, () => () => undefined) as string[];
    expect(JSON.parse(body[0])).toEqual({ count: 5, name: "x" });
  });

  test("and that do not fit are told with file, line and key, when loaded and when checked", async () => {
    const folder = await site(files("many"));
    const error = await loadApp("config:app.ini", { relativeTo: folder }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    const { at, key, category, message } = error as ConfigError;
    expect([at?.line, key, category]).toEqual([3, "count", "type"]);
    expect(message).toMatch(/app\.ini:3:\d+: \[app:main\] .*setting 'count'/);
    expect((await check("config:app.ini", { relativeTo: folder })).errors.map((each) => each.at?.line)).toEqual([3]);
  });
});

describe("what a schema says", () => {
  const problems = async (schema: string, settings: string) => {
    const module = `${HEAD}\nexport const make = defineApp({ settings: ${schema}, create: () => () => [] });\n`;
    const folder = await site({ "app.ini": `[app:main]\nuse = ./app.mjs:make\n${settings}`, "app.mjs": module });
    const loaded: unknown = await loadApp("config:app.ini", { relativeTo: folder }).catch((thrown: unknown) => thrown);
    const { errors } = await check("config:app.ini", { relativeTo: folder });
    return [errors.map(({ at, text }) => [at?.line, text]), loaded] as const;
  };
  const resolved = (name: string): string => JSON.stringify(import.meta.resolve(name));
  const HEAD = `import { defineApp } from ${resolved("@tsgi/core")};\nimport { z } from ${resolved("zod")};`;

  // zod told unknown settings at the line of `use`
  test("of a setting that it does not know stands at that setting", async () => {
    const [checked, loaded] = await problems("z.strictObject({ a: z.string() })", "a = 1\nfoo = 1\n");
    expect(checked).toEqual([[4, expect.stringContaining('Unrecognized key: "foo"')]]);
    expect(loaded).toMatchObject({ at: { line: 4 }, key: "foo" });
  });

  // tsgi check ended with the stack of the schema's error
  test("by an error of its own is a problem of the section", async () => {
    const throws = '{ "~standard": { version: 1, vendor: "x", validate() { throw new Error("boom"); } } }';
    const [checked, loaded] = await problems(throws, "");
    expect(checked).toEqual([[2, "[app:main] './app.mjs:make': boom"]]);
    expect(loaded).toMatchObject({ at: { line: 2 }, category: "value" });
  });
});
