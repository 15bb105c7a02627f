import { runtimes } from "@tsgi/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exceptions } from "./exceptions.ts";
import { exceptionFor, summary, writePage } from "./matrix.ts";
import { rowNames, runKit, type Result } from "./run.ts";

// The whole kit on Node, Bun, Deno and workerd at once: each in one process, its rows one after another. What came of
// each row is then a test of its own.

const NAMES = ["node", "bun", "deno", "workerd"] as const;
const results = new Map<string, Map<string, Result>>();

beforeAll(async () => {
  const launchers = runtimes();
  const found = await Promise.all(launchers.map((launcher) => runKit(launcher)));
  launchers.forEach(({ name }, i) => results.set(name, found[i]));
}, 240_000);

afterAll(async () => {
  console.log(`\n${summary(results)}\n`);
  // a run that went wrong is no news for the page
  if (!hasFailed()) await writePage(results);
});

function hasFailed(): boolean {
  return NAMES.some((runtime) =>
    rowNames.some((row) => {
      const result = results.get(runtime)?.get(row);
      return result === undefined || "error" in result !== (exceptionFor(runtime, row) !== undefined);
    }),
  );
}

test("the kit has at least 150 rows, and no two of one name", () => {
  expect(rowNames.length).toBeGreaterThanOrEqual(150);
  expect(new Set(rowNames).size).toBe(rowNames.length);
});

test("every exception names rows that exist, and none twice", () => {
  const named = exceptions.flatMap(({ runtime, rows }) => rows.map((row) => `${runtime} ${row}`));
  expect(exceptions.flatMap(({ rows }) => rows).filter((row) => !rowNames.includes(row))).toEqual([]);
  expect(named.filter((one, i) => named.indexOf(one) !== i)).toEqual([]);
});

describe.each(NAMES)("on %s", (runtime) => {
  test.each(rowNames)("%s", (row) => {
    const result = results.get(runtime)?.get(row);
    if (result === undefined) throw new Error(`the row was not run: is ${runtime} installed, did its process die?`);
    const exception = exceptionFor(runtime, row);
    if (exception === undefined) {
      if ("error" in result) throw new Error(result.error);
    } else if ("answers" in result)
      throw new Error(`this exception no longer occurs, take it out of exceptions.ts: ${exception.reason}`);
  });
});

test.each(rowNames)("the same answers on every runtime: %s", (row) => {
  const seen = new Map<string, string[]>();
  for (const [runtime, of] of results) {
    const result = of.get(row);
    if (result === undefined || "error" in result) continue;
    const answers = JSON.stringify(result.answers, null, 1);
    seen.set(answers, [...(seen.get(answers) ?? []), runtime]);
  }
  expect(seen.size, "runtimes that the row passes on").toBeGreaterThan(0);
  const different = [...seen].map(([answers, on]) => `${on.join(", ")}:\n${answers}`);
  expect(different, different.join("\n")).toHaveLength(1);
});
