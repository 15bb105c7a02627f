import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { unescapeWire } from "../src/conformance/wire.ts";

test("a fixture's line breaks mean nothing, and its escapes are bytes", () => {
  expect(unescapeWire('GET /\\r\\n\nX: \\t\\0\\x7f\\xff\\\\\\"\r\n', "")).toBe('GET /\r\nX: \t\0\x7f\xff\\"');
});

test("a fixture names the server and repeats text, escapes included", () => {
  expect(unescapeWire("Host: {host}\\r\\n{X-A: b\\r\\n*3}", "a:1")).toBe("Host: a:1\r\nX-A: b\r\nX-A: b\r\nX-A: b\r\n");
});

describe.each(["valid", "invalid"])("the fixtures in wire/%s", (kind) => {
  const folder = new URL(`../wire/${kind}/`, import.meta.url);
  const files = readdirSync(folder);

  test("come in pairs", () => {
    const names = (end: string): string[] =>
      files.filter((file) => file.endsWith(end)).map((file) => file.slice(0, -end.length));
    expect(names(".http").length).toBeGreaterThan(50);
    expect(names(".http")).toEqual(names(".json"));
  });

  test("each say what must come of them, and why", () => {
    for (const file of files.filter((name) => name.endsWith(".json"))) {
      const expected = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Record<string, unknown>;
      expect(expected.title, file).toBeTypeOf("string");
      expect(expected.rule, file).toBeTypeOf("string");
      expect(Array.isArray(kind === "valid" ? expected.answers : expected.refused), file).toBe(true);
      if (expected.accepted === true || expected.or_refused !== undefined || expected.also !== undefined)
        expect(expected.why, file).toBeTypeOf("string");
    }
  });
});
