import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

// The page shows parts of this example. They went stale unnoticed in more than one project's documentation.

const ROOT = new URL("../../../", import.meta.url);
const page = readFileSync(new URL("docs/writing-an-adapter.md", ROOT), "utf8");
const excerpts = [...page.matchAll(/^```ts\n\/\/ excerpt of (\S+)\n([^]*?)^```$/gm)].map(([, file, code]) => ({
  file,
  code,
}));

test("the page has excerpts of this example", () => {
  expect(excerpts.length).toBeGreaterThanOrEqual(4);
});

test.each(excerpts)("the excerpt of $file stands there as it is on the page", ({ file, code }) => {
  expect(readFileSync(new URL(file, ROOT), "utf8")).toContain(code);
});

test("the adapter is as short as the page says", () => {
  const source = readFileSync(new URL("../src/adapter.ts", import.meta.url), "utf8");
  expect(source.split("\n").length - 1).toBeLessThan(150);
});
