import * as core from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { runOracle } from "../../../tools/oracle/run.mjs";
import * as deploy from "../src/index.ts";

// What Paste Deploy does with each configuration file; `npm run oracle` prints the same as a report.

const DIRECTORY = decodeURIComponent(new URL("../../../oracle", import.meta.url).pathname);
const results = (await runOracle(core, DIRECTORY, deploy)).filter(({ kind }) => kind === "ini");

describe("reference cases: ini", () => {
  test("there are some", () => {
    expect(results.length).toBeGreaterThan(300);
  });
  test("the order of construction is the original's", () => {
    expect(results.filter(({ differences }) => differences.includes("order"))).toEqual([]);
  });
  for (const { id, ok, detail } of results)
    test(id, () => {
      expect(ok, detail).toBe(true);
    });
});
