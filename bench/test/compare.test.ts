import { expect, test } from "vitest";
import { compare, comparison, measuredAlike } from "../compare.mjs";
import { reasonOf } from "../rounds.mjs";
import { resultsOf } from "./fixture.ts";

const of = (ratio: number | undefined, more: { uncertainty?: number; noise?: number; error?: string } = {}) =>
  resultsOf([{ workload: "hello", runtime: "bun", ratio, ...more }]);

test("a ratio that is worse by more than the noise is called worse", () => {
  const changes = compare(of(0.97, { uncertainty: 0.01 }), of(0.9, { uncertainty: 0.01 }));
  expect(changes).toMatchObject([{ server: "tsgi", workload: "hello", runtime: "bun", verdict: "worse" }]);
  expect(comparison(changes)).toContain("worse: hello of tsgi on bun was 0.970, is 0.900; noise 0.014");
});

test("the same difference on a noisy machine is the same ratio", () => {
  expect(compare(of(0.97, { noise: 0.08 }), of(0.9))).toMatchObject([{ verdict: "same" }]);
  expect(compare(of(0.97), of(0.9, { uncertainty: 0.1 }))).toMatchObject([{ verdict: "same" }]);
});

test("less than a hundredth is not told apart, however calm the machine seemed", () => {
  expect(compare(of(0.97), of(0.961))).toMatchObject([{ verdict: "same" }]);
  expect(compare(of(0.97), of(0.959))).toMatchObject([{ verdict: "worse" }]);
});

test("a better ratio is told", () => {
  expect(comparison(compare(of(0.9), of(0.97)))).toContain("better: hello of tsgi on bun");
});

test("a server that gives no result any more is told with its error", () => {
  const changes = compare(of(0.9), of(undefined, { error: "2 of 100 requests failed" }));
  expect(comparison(changes)).toContain("failed: hello of tsgi on bun: 2 of 100 requests failed");
});

test("what only one run measured is left out, and nothing in common is said", () => {
  const other = resultsOf([{ workload: "json", runtime: "bun", ratio: 1 }]);
  expect(compare(of(0.9), other)).toEqual([]);
  expect(comparison([])).toBe("nothing was measured in both runs");
});

test("runs that were warmed up or measured for other times are not alike", () => {
  const shorter = of(0.9);
  for (const cell of shorter.cells) cell.warmup = 0.5;
  expect(measuredAlike(of(0.9), of(0.8))).toBe(true);
  expect(measuredAlike(of(0.9), shorter)).toBe(false);
});

test("a server's last words become one line without paths", () => {
  const said =
    "the server ended before it listened: /home/me/lib/hooks.js:101\n  at\n\nRangeError: Too deep\n at exit (/x)";
  expect(reasonOf(said)).toBe("the server ended before it listened: RangeError: Too deep");
  expect(reasonOf("3 of 9 requests failed")).toBe("3 of 9 requests failed");
});
