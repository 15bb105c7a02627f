import { asBool, asDuration, asEnum, asFloat, asInt, asList, asSize } from "../../src/converters.ts";
import { describe, expect, test } from "vitest";

describe("asBool", () => {
  test.each(["true", "yes", "on", "y", "t", "1", " TRUE ", "Yes"])("%o is true", (text) => {
    expect(asBool(text)).toBe(true);
  });
  test.each(["false", "no", "off", "n", "f", "0", "False\n"])("%o is false", (text) => {
    expect(asBool(text)).toBe(false);
  });
  test("what is neither is refused in Paste's words, shown safely", () => {
    expect(() => asBool("maybe")).toThrow("String is not true/false: 'maybe'");
    expect(() => asBool("it's\n\u001b[2J")).toThrow("String is not true/false: 'it\\'s\\n\\u001b[2J'");
    expect(() => asBool("")).toThrow("String is not true/false: ''");
    expect(() => asBool(undefined)).toThrow("String is not true/false");
  });
  test("a boolean is itself", () => expect(asBool(false)).toBe(false));
});

describe("asInt and asFloat", () => {
  test("read whole numbers and others", () => {
    expect(asInt(" 42 ")).toBe(42);
    expect(asInt("-7")).toBe(-7);
    expect(asInt(5)).toBe(5);
    expect(asFloat("0.5")).toBe(0.5);
    expect(asFloat("1e-3")).toBe(0.001);
  });
  test.each(["", "1.5", "0x10", "1e3", "many", "99999999999999999999", "١"])("%o is no whole number", (text) => {
    expect(() => asInt(text)).toThrow(`Bad integer value: '`);
  });
  test.each(["", "Infinity", "NaN", "1,5"])("%o is no number", (text) => {
    expect(() => asFloat(text)).toThrow("Bad number: '");
  });
  test("a range is named", () => {
    expect(() => asInt("70000", { min: 0, max: 65535 })).toThrow("'70000' is out of range; 0 to 65535 is wanted");
    expect(() => asInt("0", { min: 1 })).toThrow("at least 1 is wanted");
  });
});

test("asList splits at white space, or at a separator", () => {
  expect(asList(" a b\n\tc ")).toEqual(["a", "b", "c"]);
  expect(asList("a, b,,c", ",")).toEqual(["a", "b", "", "c"]);
  expect(asList("a, b", ",", false)).toEqual(["a", " b"]);
  expect(asList("")).toEqual([]);
  expect(asList(undefined)).toEqual([]);
  expect(asList(["a"])).toEqual(["a"]);
});

describe("asDuration gives milliseconds", () => {
  test.each([
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["2d", 172_800_000],
    ["1.5s", 1500],
    ["0", 0],
  ])("%s", (text, expected) => expect(asDuration(text)).toBe(expected));

  test("a number alone asks for its unit, unless another program's setting has one", () => {
    expect(() => asDuration("30")).toThrow("Bad duration: '30' has no unit; write 30s or 30ms");
    expect(asDuration("30", "s")).toBe(30_000);
    expect(asDuration(1500)).toBe(1500);
  });
  test.each(["", "s", "5 parsecs", "-5s", "5ss"])("%o is refused", (text) => {
    expect(() => asDuration(text)).toThrow("Bad duration: '");
  });
});

describe("asSize gives bytes", () => {
  test.each([
    ["4096", 4096],
    ["20MB", 20_000_000],
    ["20 MB", 20_000_000],
    ["64KiB", 65_536],
    ["64k", 65_536],
    ["1.5GiB", 1_610_612_736],
    ["10b", 10],
    ["unlimited", Infinity],
  ])("%s", (text, expected) => expect(asSize(text)).toBe(expected));
  test.each(["", "MB", "5XB", "-1", "5ib", "1e3"])("%o is refused", (text) => {
    expect(() => asSize(text)).toThrow("Bad size: '");
  });
});

test("asEnum takes one of the words, in any case", () => {
  expect(asEnum("HTTPS", ["http", "https"])).toBe("https");
  expect(() => asEnum("ftp", ["http", "https"])).toThrow("'ftp' is none of http, https");
});
