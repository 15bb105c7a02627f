import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../tools/runtimes.mjs";

// A package's README lists its public names, each once, and no others.

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** What an index.ts exports: values and types alike. */
function exported(source: string): string[] {
  const names = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) => list.split(","));
  return names.map((name) => name.replace(/^\s*(?:type )?/, "").trim()).filter((name) => name !== "");
}

/** The names in the first column of the tables under "Names". */
function listed(readme: string): string[] {
  const names = readme.slice(readme.indexOf("\n## Names\n"));
  const columns = [...names.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].map(([, column]) => column);
  return columns.flatMap((column) => [...column.matchAll(/`(\w+)`/g)].map(([, name]) => name));
}

describe.each(["core", "node", "bun", "deno", "workers"])("README of packages/%s", (name) => {
  test("lists every public name, and nothing else", () => {
    const index = exported(read(`packages/${name}/src/index.ts`));
    expect(index.length).toBeGreaterThan(2);
    expect(listed(read(`packages/${name}/README.md`)).sort()).toEqual(index.sort());
  });
});
