import { describe, expect, test } from "vitest";
import { median, quantile, ratios, summarise, uncertainty } from "../statistics.mjs";

describe("medians and quantiles", () => {
  test("the median of an odd count is the middle, of an even one the mean of two", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
  });

  test("a quantile lies between neighbours", () => {
    expect(quantile([0, 10, 20, 30, 40], 0.25)).toBe(10);
    expect(quantile([0, 10], 0.75)).toBe(7.5);
  });

  test("there is no median of nothing", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test("a ratio is the other's cost over one's own, round by round, so that the dearer server is below 1", () => {
  expect(ratios([20, 10], [10, 10])).toEqual([0.5, 1]);
  expect(ratios([20, 10, 40], [10, 10])).toEqual([0.5, 1]);
});

describe("uncertainty", () => {
  test("is unknown after one round and half the range of three", () => {
    expect(uncertainty([1])).toBe(Infinity);
    expect(uncertainty([1, 1.2, 1.1])).toBeCloseTo(0.1);
  });

  test("shrinks with the number of rounds, and one wild round moves it little", () => {
    const calm = [0.98, 0.99, 1, 1.01, 1.02];
    expect(uncertainty([...calm, ...calm, ...calm, ...calm])).toBeLessThan(uncertainty(calm));
    expect(uncertainty([...calm, ...calm, 7])).toBeLessThan(0.03);
  });
});

describe("a cell", () => {
  const rounds = (...costs: number[]): { cost: number; rate: number }[] =>
    costs.map((cost) => ({ cost, rate: 1000 / cost }));

  test("has each server's medians and its ratio to the bare runtime of the same round", () => {
    // the machine slows down to half its speed: costs double for everybody, ratios stay
    const { contenders } = summarise([
      { server: "bare", option: "", rounds: rounds(10, 20, 20) },
      { server: "tsgi", option: "", rounds: rounds(12.5, 25, 25) },
    ]);
    expect(contenders[1]).toMatchObject({ cost: 25, ratio: 0.8, uncertainty: 0 });
  });

  test("compares an option with the bare runtime's same option, and with its only one otherwise", () => {
    const { contenders } = summarise([
      { server: "bare", option: "now", rounds: rounds(10) },
      { server: "bare", option: "later", rounds: rounds(20) },
      { server: "tsgi", option: "later", rounds: rounds(40) },
      { server: "tsgi", option: "filter", rounds: rounds(40) },
    ]);
    expect(contenders.map(({ ratio }: { ratio?: number }) => ratio)).toEqual([1, 1, 0.5, 0.25]);
  });

  test("gives no figures for a server that failed", () => {
    const { contenders } = summarise([
      { server: "bare", option: "", rounds: rounds(10) },
      { server: "tsgi", option: "", rounds: [], error: "3 of 9 requests failed" },
    ]);
    expect(contenders[1]).toEqual({ server: "tsgi", option: "", rounds: [], error: "3 of 9 requests failed" });
  });

  test("takes its noise from a second bare server", () => {
    const bare = [{ server: "bare", option: "", rounds: rounds(10, 10, 10) }];
    expect(summarise(bare, [9, 9, 9]).noise).toBeCloseTo(0.111, 3);
    expect(summarise(bare, [10, 10, 10]).noise).toBe(0);
    expect(summarise(bare, [9, 10, 11]).noise).toBeCloseTo((10 / 9 - 10 / 11) / 2, 6);
    expect(summarise(bare).noise).toBeUndefined();
  });
});
