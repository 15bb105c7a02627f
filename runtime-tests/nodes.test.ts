import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runtimes } from "@tsgi/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { rowNames, runKit, type Result } from "./run.ts";

// The kit on other versions of Node, which `npm run test:nodes` fetches; a version that is not there is skipped, and is
// seen to be.

describe.each(["node-22", "node-24", "node-26"])("%s", (name) => {
  const binary = fileURLToPath(new URL(`../tools/nodes/node_modules/${name}/bin/node`, import.meta.url));
  const here = existsSync(binary);
  let results: Map<string, Result> = new Map();

  beforeAll(async () => {
    const node = runtimes({ node: binary }).find((runtime) => runtime.name === "node");
    if (here && node !== undefined) results = await runKit(node);
  }, 240_000);

  test.skipIf(!here)("passes every row (fetched by npm run test:nodes)", () => {
    const failed = [...results].filter(([, result]) => "error" in result);
    expect(failed).toEqual([]);
    expect(results.size).toBe(rowNames.length);
  });
});
