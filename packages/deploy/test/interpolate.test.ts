import { describe, expect, test } from "vitest";
import { interpolate, type Raw, type Scope } from "../src/interpolate.ts";
import { fault } from "./site.ts";

const FILE = "/srv/app.ini";

function scope(
  values: Readonly<Record<string, string | Raw>>,
  environment: Readonly<Record<string, string>> = {},
): Scope {
  const names = new Map(
    Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? { value } : value]),
  );
  return {
    file: FILE,
    section: "app:main",
    lookup: (name) => names.get(name),
    names: () => [...names.keys()],
    environment: (name) => environment[name],
  };
}

const at = (value: string): Raw => ({
  value,
  lines: [
    { file: FILE, line: 3, column: 9 },
    { file: FILE, line: 4, column: 3 },
  ],
});
const text = (value: string, ...given: Parameters<typeof scope>): string =>
  interpolate({ value }, "v", scope(...given)).text;

describe("references (I8)", () => {
  test("are replaced, again in what they lead to", () => {
    expect(text("<%(a)s-%(b)s>", { a: "1", b: "%(c)s%(c)s", c: "x" })).toBe("<1-xx>");
  });

  test("%% is a percent sign, and what is no % stays", () => {
    expect(text("100%% $a ${a} %%(a)s", { a: "1" })).toBe("100% $a ${a} %(a)s");
  });

  test("names count with their case", async () => {
    expect(await fault(() => text("%(name)s", { Name: "x" }))).toMatchObject({ category: "ini-interpolation-missing" });
  });

  test("nine steps are fine, a circle and a tenth reference are not", async () => {
    const chain: Record<string, string> = { v0: "end" };
    for (let i = 1; i <= 12; i++) chain[`v${i}`] = `%(v${i - 1})s`;
    expect(text("%(v9)s", chain)).toBe("end");
    expect(await fault(() => text("%(v10)s", chain))).toMatchObject({ category: "ini-interpolation-depth" });
    expect(await fault(() => text("%(a)s", { a: "%(a)s" }))).toMatchObject({ category: "ini-interpolation-depth" });
  });

  test("a value that doubles itself at each step is stopped", async () => {
    const values: Record<string, string> = { e: "" };
    for (let i = 0; i < 9; i++) values[`v${i}`] = `%(${i === 0 ? "e" : `v${i - 1}`})s`.repeat(100);
    const { category, message } = await fault(() => text("%(v8)s", values));
    expect(category).toBe("ini-interpolation-depth");
    expect(message).toContain("more than 100000 substitutions");
  });

  test("names of objects' members are names", async () => {
    expect(await fault(() => text("%(constructor)s", {}))).toMatchObject({ category: "ini-interpolation-missing" });
    expect(text("%(__proto__)s", JSON.parse('{"__proto__": "p"}') as Record<string, string>)).toBe("p");
  });
});

describe("errors (I10)", () => {
  test("name the option, the section and the place of the reference", async () => {
    expect(await fault(() => interpolate(at("on\n%(nam)s/x"), "v", scope({ name: "1" })))).toEqual({
      category: "ini-interpolation-missing",
      message: `${FILE}:4:3: option 'v' in section 'app:main' contains an interpolation key 'nam' which is not a valid option name (did you mean 'name'?). Raw value: 'on\\n%(nam)s/x'`,
      line: 4,
      column: 3,
      key: "v",
    });
  });

  test("a stray % says to write %%", async () => {
    expect((await fault(() => interpolate(at("50% off"), "v", scope({})))).message).toBe(
      `${FILE}:3:11: option 'v' in section 'app:main' has '%' followed by ' off'; a percent sign is written '%%', a reference '%(name)s'. Raw value: '50% off'`,
    );
    expect((await fault(() => text("50%", {}))).message).toContain("has '%' followed by nothing");
  });

  test.each(["%(open", "%(here)d", "%()s", "%(a"])("%s is no reference", async (value) => {
    expect(await fault(() => text(value, { a: "1", here: "/" }))).toMatchObject({
      category: "ini-interpolation-syntax",
    });
  });

  test("without a place name the file", async () => {
    expect((await fault(() => text("%(x)s", {}))).message).toMatch(/^Error in file \/srv\/app\.ini: option 'v'/);
  });
});

describe("variables of the environment", () => {
  test("are read, as they are", () => {
    expect(text("%(env:PORT)s %(env:PASS)s", {}, { PORT: "80", PASS: "a%40b%(x)s" })).toBe("80 a%40b%(x)s");
  });

  test("have a default after a bar, which may be empty", () => {
    expect(text("%(env:PORT|8080)s%(env:NO|)s", {})).toBe("8080");
    expect(text("%(env:PORT|8080)s", {}, { PORT: "" })).toBe("");
  });

  // The default ended at the first `)`, so that %(env:DATA|%(here)s/data)s was the folder without its "/data)s"
  test("have a default that is a value as any other", async () => {
    const names = { here: "/srv", data: "%(env:DATA|%(here)s/data)s" };
    expect(text("[%(env:X|%(here)s/data)s]", names)).toBe("[/srv/data]");
    expect(text("[%(env:X|%(here)s/data)s]", names, { X: "/x" })).toBe("[/x]");
    expect(text("%(env:CACHE|%(data)s/cache)s %(env:N|100%%)s", names)).toBe("/srv/data/cache 100%");
    expect(text("%(env:A|%(env:B|%(env:C|c)s)s)s", names, { C: "%40" })).toBe("%40");
    expect(text("%(env:A|%(env:B)s)s", names, { A: "a" })).toBe("a");
    expect(interpolate({ value: "%(env:A|%(env:B)s)s" }, "v", scope({}, { B: "%" }))).toEqual({
      text: "%",
      literal: true,
    });
  });

  test("whose default has a fault are one at its place, whether they are set or not", async () => {
    for (const environment of [{}, { X: "1" }] as Record<string, string>[]) {
      const told = async (value: string) => fault(() => interpolate(at(value), "v", scope({ here: "/" }, environment)));
      expect(await told("%(env:X|%(her)s/x)s")).toMatchObject({
        category: "ini-interpolation-missing",
        message: expect.stringContaining("'her' which is not a valid option name (did you mean 'here'?)"),
        column: 17,
      });
      expect(await told("%(env:X|50%)s")).toMatchObject({ category: "ini-interpolation-syntax", column: 19 });
      expect((await told("%(env:X|a (b) c)s")).message).toContain("the default of a variable ends at the first ')'");
      expect(await told("%(env:X|%(here)s")).toMatchObject({ category: "ini-interpolation-syntax", column: 9 });
    }
    expect((await fault(() => text("%(env:A|%(env:B)s)s", {}))).message).toContain(
      "needs the environment variable 'B'",
    );
    const deep = "%(env:X|".repeat(12) + ")s".repeat(12);
    expect(await fault(() => text(deep, {}))).toMatchObject({ category: "ini-interpolation-depth" });
  });

  test("without a value and a default are an error naming the variable", async () => {
    expect((await fault(() => text("%(env:DATABASE_URL)s", {}))).message).toContain(
      "needs the environment variable 'DATABASE_URL', which is not set; a default is written %(env:DATABASE_URL|default)s",
    );
  });

  test("with a percent sign are marked, so that another file does not read it as a reference", () => {
    expect(interpolate({ value: "%(env:P)s" }, "v", scope({}, { P: "100%" }))).toEqual({ text: "100%", literal: true });
    expect(interpolate({ value: "%(env:P)s" }, "v", scope({}, { P: "100" }))).toEqual({ text: "100", literal: false });
  });
});
