import { expect, test } from "vitest";
import { readRules, readSpec, renderSpec } from "../../../tools/spec.mjs";
import { ask } from "./in-memory.ts";
import { friendly, greeting, handler, named } from "./validator-example.ts";

test("SPEC.md is what `npm run spec` prints", () => {
  expect(readSpec()).toBe(renderSpec());
});

test("every rule is printed once, under its own heading", () => {
  const spec = readSpec();
  const sections: Record<string, string> = {
    S: "## Rules for servers",
    A: "## Rules for applications",
    F: "## Rules for filters",
  };
  for (const { id } of readRules()) {
    expect(spec.split(`**${id}.**`)).toHaveLength(2);
    const before = spec.slice(0, spec.indexOf(`**${id}.**`));
    expect(before.slice(before.lastIndexOf("\n## ") + 1).split("\n")[0]).toBe(sections[id[0]]);
  }
});

test("the prose names rules that there are", () => {
  const ids = new Set(readRules().map(({ id }) => id));
  const named = renderSpec().match(/\b[SAF][0-9]+\b/g) ?? [];
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
});

test("the worked example does what the page says", async () => {
  const post = await handler(new Request("http://test.example/hello", { method: "POST", body: "Ann" }));
  expect([post.status, await post.text()]).toEqual([200, "Hello Ann, at /hello\n"]);
  expect(post.headers.get("x-answered-by")).toBe("greeting");
  const get = await handler(new Request("http://test.example/hello"));
  expect([get.status, await get.text()]).toEqual([200, "Send me your name with POST.\n"]);
  const seen = await ask(friendly(named(greeting)));
  expect([seen.status, seen.log]).toEqual([200, ""]);
});
