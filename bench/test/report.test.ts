import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { merge, page, pictures } from "../page.mjs";
import { report } from "../report.mjs";
import { resultsOf } from "./fixture.ts";

const RESULTS = resultsOf([
  { workload: "hello", runtime: "node-20", ratio: 0.98, others: { hono: 0.94, express: 0.12 } },
  { workload: "json", runtime: "node-20", ratio: 0.95, others: { hono: 0.97, floor: 0.99 } },
  { workload: "hello", runtime: "bun", ratio: undefined, error: "3 of 9 requests failed", others: { hono: 0.91 } },
]);
const CELLS = merge([RESULTS]);
const PAGE = page(CELLS, ["# Performance\n\nHow it is measured.", "## Where the time goes\n\nHere."]);

describe("the page", () => {
  test("has the hand-written parts, the first at the beginning and the others behind the tables", () => {
    const at = ["How it is measured.", "## What was to be reached", "## hello", "## json", "## Where the time goes"];
    const places = at.map((text) => PAGE.indexOf(text));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test("says of each target what was measured, of the floor too where it was, and whether that reaches it", () => {
    expect(PAGE).toContain("| hello | Node 20 | at least 0.97 × bare | 0.980 × |  | reached |");
    expect(PAGE).toContain("| json | Node 20 | at least 0.97 × bare | 0.950 × | 0.990 × | **missed** |");
    expect(PAGE).toContain("| hello | Node 20 | ahead of every rival | 1.043 × the fastest |  | reached |");
    expect(PAGE).toContain(
      "| json | Node 20 | ahead of every rival | 0.979 × the fastest | 1.021 × the fastest | **missed** |",
    );
  });

  test("has a row for each server, the fastest first, with its version", () => {
    const table = PAGE.slice(PAGE.indexOf("### hello on Node 20"));
    const servers = [...table.slice(0, table.indexOf("###", 5)).matchAll(/^\| (\w[\w ./-]*?) \| \d/gm)];
    expect(servers.map(([, name]) => name)).toEqual(["bare", "tsgi 1.2.3", "hono 1.2.3", "express 1.2.3"]);
    expect(table).toContain("| tsgi 1.2.3 | 0.980 | 0.000 | 10.20 | 88,200 | 0.30 | 1.20 | 60 |");
  });

  test("names a server that gave no result, with its error, and draws no figures of it", () => {
    expect(PAGE).toContain("No result of tsgi: 3 of 9 requests failed.");
    expect(PAGE).toContain("| hello | Bun | at least 0.95 × bare | no result |  |  |");
  });

  test("says which machine, when, and which commit", () => {
    expect(PAGE).toContain("* 2026-11-01, commit 1234567: A Processor, 2 cores, 8 GiB, Linux 6.18.0; load from wrk");
  });
});

test("a machine that was not calm is told of, with the tables concerned", () => {
  const noisy = resultsOf([
    { workload: "hello", runtime: "bun", ratio: 1, noise: 0.04 },
    { workload: "json", runtime: "bun", ratio: 1, noise: 0.2 },
  ]);
  expect(page(merge([noisy]), ["# Performance"])).toContain("seemed more than 5 % apart in json on Bun.");
  expect(PAGE).not.toContain("not calm");
});

describe("several results", () => {
  const later = resultsOf([{ workload: "hello", runtime: "node-20", ratio: 0.99 }], {
    date: "2026-11-02T10:00:00.000Z",
  });
  const ratioOf = (cells: ReturnType<typeof merge>) =>
    cells.find(({ workload, runtime }) => workload === "hello" && runtime === "node-20")?.contenders[1]?.ratio;

  test("of a workload on a runtime the newest counts, whatever the order of the files", () => {
    expect(ratioOf(merge([RESULTS, later]))).toBe(0.99);
    expect(ratioOf(merge([later, RESULTS]))).toBe(0.99);
    expect(merge([later, RESULTS])).toHaveLength(3);
  });

  test("a quick run is no result", () => {
    const quick = resultsOf([{ workload: "hello", runtime: "node-20", ratio: 0.99 }], {
      date: later.cells[0]?.date,
      quick: true,
    });
    expect(ratioOf(merge([RESULTS, quick]))).toBe(0.98);
  });
});

test("there is a chart for each workload, and hello beside json when every runtime has both", () => {
  expect(pictures(CELLS).map(({ name }: { name: string }) => name)).toEqual(["bench-hello", "bench-json"]);
  const both = CELLS.filter(({ runtime }: { runtime: string }) => runtime === "node-20");
  const readme = pictures(both).find(({ name }: { name: string }) => name === "bench");
  expect(readme?.panels.map(({ title }: { title: string }) => title)).toEqual(["hello on Node 20", "json on Node 20"]);
  expect(readme?.panels[0]?.bars.map(({ name }: { name: string }) => name)).toEqual([
    "bare",
    "tsgi",
    "hono",
    "express",
  ]);
});

// the chart library is one of the benchmark's own dependencies, which npm run bench installs
describe.skipIf(!hasCharts())("the charts (after npm ci --prefix bench)", () => {
  const root = mkdtempSync(join(tmpdir(), "tsgi-report-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test("are written beside the page as SVG, with a bar for each server and the page's picture links leading to them", async () => {
    const file = join(root, "results.json");
    writeFileSync(file, JSON.stringify(RESULTS));
    const written: string[] = await report([file], root);
    const svg = readFileSync(join(root, "docs/images/bench-hello.svg"), "utf8");
    expect(svg).toMatch(/^<svg /);
    for (const text of ["Node 20", "Bun", "tsgi", "express", "0.98", "0.12"]) expect(svg).toContain(`>${text}<`);
    const text = readFileSync(join(root, "docs/performance.md"), "utf8");
    const links = [...text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, link]) => join(root, "docs", String(link)));
    expect(links).toHaveLength(2);
    for (const link of links) expect(written).toContain(link);
  });
});

function hasCharts(): boolean {
  try {
    createRequire(import.meta.resolve("../page.mjs")).resolve("echarts");
    return true;
  } catch {
    return false;
  }
}
