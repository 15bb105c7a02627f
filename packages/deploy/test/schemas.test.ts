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
