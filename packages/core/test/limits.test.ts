import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, limitsOf } from "../src/limits.ts";

describe("limits", () => {
  it("the table is what it is when nothing is changed, and cannot be changed in place", () => {
    expect(limitsOf(undefined)).toBe(DEFAULT_LIMITS);
    expect(Object.isFrozen(DEFAULT_LIMITS)).toBe(true);
  });

  it("some rows changed, the others kept", () => {
    expect(limitsOf({ body: 5, drain: undefined })).toEqual({ ...DEFAULT_LIMITS, body: 5 });
    expect(limitsOf({ body: 0, headers: Infinity })).toEqual({ ...DEFAULT_LIMITS, body: 0, headers: Infinity });
    expect(limitsOf({})).toEqual(DEFAULT_LIMITS);
  });

  it.each(["bodies", "__proto__", "constructor", "toString"])("an unknown one, %s, is named", (name) => {
    const changes = JSON.parse(`{${JSON.stringify(name)}: 5}`) as object;
    expect(() => limitsOf(changes)).toThrow(new RegExp(`^limits\\.${name} is unknown; the limits are body, drain`));
  });

  it.each([-1, 1.5, NaN, -Infinity, "5", null, {}])("%s is no limit", (value) => {
    expect(() => limitsOf({ body: value as number })).toThrow(
      new TypeError(`limits.body is ${String(value)}; a whole number of at least 0 is wanted`),
    );
  });
});
