import { describe, expect, test } from "vitest";
import { faultOf, parse } from "../src/parse.ts";

const FILE = "/srv/app.ini";

function read(text: string): Record<string, Record<string, string>> {
  const document = parse(text, FILE);
  expect(document.errors).toEqual([]);
  return Object.fromEntries(
    [...document.sections].map(([name, { options }]) => [
      name,
      Object.fromEntries(options.map(({ key, value }) => [key, value])),
    ]),
  );
}

const problems = (text: string): (string | number | undefined)[][] =>
  parse(text, FILE).errors.map(({ category, at }) => [category, at?.line, at?.column]);

describe("lines (I1)", () => {
  test("end with LF, CRLF or CR, the last one with nothing", () => {
    expect(read("[a]\nx = 1\r\ny = 2\rz = 3")).toEqual({ a: { x: "1", y: "2", z: "3" } });
  });

  test("of a CRLF file count once", () => {
    expect(parse("[a]\r\n\r\nx = 1\r\n", FILE).sections.get("a")?.options[0].at).toEqual({
      file: FILE,
      line: 3,
      column: 1,
    });
  });

  test("U+2028 and U+0085 end no line", () => {
    expect(read("[a]\nx = 1\u2028y\u0085z")).toEqual({ a: { x: "1\u2028y\u0085z" } });
  });

  test("a byte order mark is no text", () => {
    expect(read("\ufeff[a]\nx = 1")).toEqual({ a: { x: "1" } });
  });

  test("white space is Python's: U+001C and U+0085 are stripped, U+FEFF is not", () => {
    expect(read("[a]\nx = \x1c\x85v\u3000\nk\x1f= \ufeffw")).toEqual({ a: { x: "v", k: "\ufeffw" } });
  });
});

describe("section headers (I2)", () => {
  test("end at the last bracket of the line", () => {
    expect(Object.keys(read("[app:main] ; text\n[app:x] ; c [y]\n[ sp ]\n[]]\n"))).toEqual([
      "app:main",
      "app:x] ; c [y",
      " sp ",
      "]",
    ]);
  });

  test("only exactly DEFAULT is the default section, and it may be repeated", () => {
    expect(read("[DEFAULT]\na = 1\n[x]\n[DEFAULT]\nb = 2\n[default]\na = 3")).toEqual({
      DEFAULT: { a: "1", b: "2" },
      x: {},
      default: { a: "3" },
    });
  });
});

describe("options (I3)", () => {
  test("split at the first = or :", () => {
    expect(read("[a]\nx=1\ny : 2\nhttp://h/p = q\nk = a:b=c\ntwo words = v\n;k = 1")).toEqual({
      a: { x: "1", y: "2", http: "//h/p = q", k: "a:b=c", "two words": "v" },
    });
  });

  test("may be named like members of objects", () => {
    expect(
      parse("[a]\n__proto__ = 1\nconstructor = 2\n[__proto__]\nx = 3", FILE).sections.get("__proto__")?.options[0]
        .value,
    ).toBe("3");
    const [proto, constructor] = parse("[a]\n__proto__ = 1\nconstructor = 2", FILE).sections.get("a")?.options ?? [];
    expect([proto.key, proto.value, constructor.key, constructor.value]).toEqual([
      "__proto__",
      "1",
      "constructor",
      "2",
    ]);
  });

  test("know where key and value stand", () => {
    const option = parse("[a]\n  key =   first\n    second\n", FILE).sections.get("a")?.options[0];
    expect(option?.at).toEqual({ file: FILE, line: 2, column: 3 });
    expect(option?.lines).toEqual([
      { file: FILE, line: 2, column: 11 },
      { file: FILE, line: 3, column: 5 },
    ]);
  });
});

test("comments are whole lines, at any depth, also inside a value (I4)", () => {
  expect(read("# x\n[a]\n ; y = 1\nv = one\n# dropped\n  two\n   ; dropped\n  three # kept\n")).toEqual({
    a: { v: "one\ntwo\nthree # kept" },
  });
});

describe("values over several lines (I5)", () => {
  test("go on while lines are deeper; blank ones inside are kept, trailing ones dropped", () => {
    expect(read("[a]\nv = one\n  two\n\n  three\n\n\nw = x\n\n")).toEqual({ a: { v: "one\ntwo\n\nthree", w: "x" } });
  });

  test("may begin on the next line", () => {
    expect(read("[a]\nv =\n  one\n  two")).toEqual({ a: { v: "\none\ntwo" } });
  });

  test("depth is relative to the option: indented options and headers are options and headers (I11)", () => {
    expect(read("[a]\n   x: 1\n   y: 2\n  z: 3\n [b]\nq = 4")).toEqual({
      a: { x: "1", y: "2", z: "3" },
      b: { q: "4" },
    });
  });
});

describe("what cannot be read (I6, I7)", () => {
  test("every line that is nothing is told, in one error", () => {
    const document = parse("[a]\nno delimiter\nx = 1\n= no key\n", FILE);
    expect(document.errors.map(({ category, at }) => [category, at?.line])).toEqual([
      ["ini-parse", 2],
      ["ini-parse", 4],
    ]);
    expect(faultOf(document)?.message).toBe(
      `${FILE}:2:1: 2 lines of ${FILE} cannot be read:\n` +
        "  line 2: 'no delimiter' is neither a section header nor 'key = value' nor a comment\n" +
        "  line 4: '= no key' has no key before the '='",
    );
  });

  test("a header without its bracket is told as one", () => {
    expect(parse("[a]\n[app\n", FILE).errors[0].message).toBe(
      `${FILE}:2:1: '[app' is neither a section header nor 'key = value' nor a comment; a section header ends in ]`,
    );
  });

  test("text before the first header is told once", () => {
    expect(problems("x = 1\ny = 2\n[a]\n")).toEqual([["ini-missing-header", 1, 1]]);
  });

  test("a section or an option that is there twice names the first", () => {
    const document = parse("[a]\nx = 1\n[b]\n[a]\ny = 1\n y = 2\nx = 3\n", FILE);
    expect(document.errors.map(({ message }) => message)).toEqual([
      `${FILE}:4:1: section [a] already exists, since line 1; a section is written once`,
      `${FILE}:7:1: option 'x' in section [a] already exists, since line 2`,
    ]);
    expect(problems("[DEFAULT]\na = 1\n[DEFAULT]\na = 2")).toEqual([["ini-duplicate-option", 4, 1]]);
  });

  test("is shown safely", () => {
    expect(parse("[a]\n\x1b[31mred\x07\n", FILE).errors[0].message).toContain("'\\u{1b}[31mred\\u{7}'");
    expect(parse(`[a]\n${"x".repeat(500)}\n`, FILE).errors[0].message.length).toBeLessThan(250);
  });
});

describe("what is legal and most likely not meant", () => {
  const warnings = (text: string) => parse(text, FILE).warnings.map(({ message, at }) => [at.line, at.column, message]);

  test("a comment at the end of a line", () => {
    expect(warnings("[a]\nx = 1 ; one\ny = 2\t# two\nz = a;b#c\n")).toEqual([
      [2, 7, "'; one' is part of the value of 'x'; a comment stands on a line of its own"],
      [3, 7, "'# two' is part of the value of 'y'; a comment stands on a line of its own"],
    ]);
  });

  test("a header without its bracket, which has a colon", () => {
    expect(warnings("[a]\n[app:main\nx = 1\n")).toEqual([
      [2, 1, "'[app:main' is read as an option, since a section header ends in ]"],
    ]);
  });

  test("a header that is deeper than the option before it", () => {
    expect(warnings("[a]\nx = 1\n  [app:b]\n")).toEqual([
      [
        3,
        3,
        "'[app:b]' is indented and so goes on the value of 'x'; a section header stands no deeper than the option before it",
      ],
    ]);
  });
});

// A pattern that backtracks would take minutes for these; a limit of seconds is generous on a busy machine.
describe("hostile text costs its length", () => {
  const long = 300_000;
  test.each([
    ["one long line", "x".repeat(long)],
    ["spaces before a character", `x ${" ".repeat(long)}y`],
    ["a key of spaces", `a${" ".repeat(long)}= b`],
    ["brackets", "[".repeat(long)],
    ["closed brackets", `[${"]".repeat(long)}`],
    ["delimiters", "=:".repeat(long / 2)],
    ["semicolons", `x = ${" ;".repeat(long / 2)}`],
    ["empty lines in a value", `[a]\nx = 1${"\n".repeat(long)}  y`],
    ["many options", `[a]\n${Array.from({ length: 20_000 }, (_, i) => `k${i} = v`).join("\n")}`],
    ["many sections", Array.from({ length: 20_000 }, (_, i) => `[s${i}]`).join("\n")],
    ["ever deeper lines", `[a]\nx = 1\n${Array.from({ length: 500 }, (_, i) => `${" ".repeat(i + 1)}y`).join("\n")}`],
  ])("%s", { timeout: 5000 }, (_, text) => {
    const document = parse(`[a]\n${text}`, FILE);
    expect(document.sections.size + document.errors.length).toBeGreaterThan(0);
  });

  test("what was written comes back, whatever it is", () => {
    // a small generator of its own: the same file for the same seed
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    const word = (): string => Array.from({ length: 1 + random(6) }, () => "abcXYZ019.-_/é日"[random(15)]).join("");
    for (let round = 0; round < 200; round++) {
      const wanted = new Map<string, Map<string, string>>();
      let text = "";
      for (let s = 0; s < 1 + random(4); s++) {
        const name = `s${s} ${word()}`;
        wanted.set(name, new Map());
        text += `${" ".repeat(random(1))}[${name}]${random(2) ? " trailing" : ""}\n${random(2) ? "# comment\n" : ""}`;
        for (let o = 0; o < random(6); o++) {
          const key = `${word()}${o}`;
          const lines = Array.from({ length: 1 + random(3) }, word);
          wanted.get(name)?.set(key, lines.join("\n"));
          text += `${key}${[" = ", "=", ": ", " :"][random(4)]}${lines.join("\n  ")}\n${random(3) ? "" : "\n"}`;
        }
      }
      const document = parse(text, FILE);
      expect(document.errors, text).toEqual([]);
      const got = new Map(
        [...document.sections].map(([name, { options }]) => [
          name,
          new Map(options.map(({ key, value }) => [key, value])),
        ]),
      );
      expect(got, text).toEqual(wanted);
    }
  });
});
