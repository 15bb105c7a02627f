import { describe, expect, it } from "vitest";
import { isDigits, isFieldValue, isHopByHop, isHost, quote, TOKEN } from "../src/grammar.ts";

const characters = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i));

describe("token (RFC 9110 5.6.2)", () => {
  it("is letters, digits and !#$%&'*+-.^_`|~", () => {
    const allowed = new Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (const char of characters(0, 300)) expect(TOKEN.test(char), JSON.stringify(char)).toBe(allowed.has(char));
    expect(TOKEN.test("")).toBe(false);
    expect(TOKEN.test("a\n")).toBe(false);
  });
});

describe("field value (RFC 9110 5.5)", () => {
  it("is latin-1 without controls but the tab, short or long", () => {
    for (const char of characters(0, 300)) {
      const code = char.charCodeAt(0);
      const good = code === 9 || (code >= 32 && code < 127) || (code >= 128 && code < 256);
      expect(isFieldValue(char), String(code)).toBe(good);
      expect(isFieldValue("x".repeat(100) + char), String(code)).toBe(good);
    }
    expect(isFieldValue("")).toBe(true);
    expect(isFieldValue("\u{1f600}")).toBe(false);
  });
});

describe("Content-Length (RFC 9110 8.6)", () => {
  it("is digits", () => {
    for (const good of ["0", "5", "00", "18446744073709551616"]) expect(isDigits(good)).toBe(true);
    for (const bad of ["", "+5", "-1", "0x5", "5_0", "5 0", " 5", "5,5", "5\n", "٥", "５"])
      expect(isDigits(bad)).toBe(false);
  });
});

describe("Host (RFC 9112 3.2)", () => {
  it.each([
    "example.com",
    "EXAMPLE.com",
    "example.com:80",
    "example.com:",
    "localhost",
    "a_b.test",
    "127.0.0.1",
    "127.0.0.1:8080",
    "[::1]",
    "[::1]:80",
    "[2001:db8::1]",
    "xn--bcher-kva.example",
    "a.b.c.",
    "host:65535",
  ])("%s is one", (host) => {
    expect(isHost(host)).toBe(true);
  });

  it.each([
    "",
    "a/b",
    "a?b",
    "a#b",
    "a@b",
    "u:p@a",
    "a b",
    "a\tb",
    "a\\b",
    "a:b",
    "a:80:80",
    "a:65536",
    "a:99999",
    "a:-1",
    "[::1",
    "::1",
    "[::1]x",
    "[::1]:99999",
    "[:::]",
    "[g::1]",
    "a.test, b.test",
    "a%2Fb",
    "1.2.3.4.5",
    "256.1.1.1",
    "a\n",
    "\u00e9.test",
    "a\0b",
    "xn--a",
    "[1.2.3.4]",
    "a[b]",
  ])("%j is none", (host) => {
    expect(isHost(host)).toBe(false);
  });

  it("whatever is one makes a URL with that host, and cannot move the path", () => {
    for (const part of characters(32, 255))
      for (const host of [`a${part}b.test`, `${part}a.test`, `a.test${part}`, `a.test:${part}`])
        if (isHost(host)) {
          const url = new URL(`http://${host}/path?query`);
          expect([url.pathname, url.search, url.username], host).toEqual(["/path", "?query", ""]);
        }
  });
});

describe("hop-by-hop (RFC 9110 7.6.1)", () => {
  it("in any case of letters, and nothing else", () => {
    for (const name of [
      "Connection",
      "keep-alive",
      "TE",
      "Trailer",
      "Trailers",
      "Transfer-Encoding",
      "UPGRADE",
      "Proxy-Connection",
      "proxy-authenticate",
      "Proxy-Authorization",
    ])
      expect(isHopByHop(name)).toBe(true);
    for (const name of ["content-length", "date", "set-cookie", "connection ", "", "__proto__", "host"])
      expect(isHopByHop(name)).toBe(false);
  });
});

describe("quote", () => {
  it("shows what came from outside in printable ASCII, cut short", () => {
    expect(quote("plain")).toBe('"plain"');
    expect(quote('a"b\\')).toBe('"a\\"b\\\\"');
    expect(quote("a\r\n\x1b[31m")).toBe('"a\\r\\n\\u001b[31m"');
    expect(quote("é€\x7f\x9b")).toBe('"\\u00e9\\u20ac\\u007f\\u009b"');
    expect(quote("x".repeat(200))).toBe(`"${"x".repeat(77)}..."`);
    expect(quote("\u{1f600}".repeat(100)).length).toBeLessThan(600);
  });

  it("of what is no text it shows the type, and never the value", () => {
    expect([quote(5), quote(null), quote(undefined), quote({ secret: 1 }), quote([])]).toEqual([
      "number",
      "null",
      "undefined",
      "object",
      "object",
    ]);
  });
});

describe("the tests are linear", () => {
  it("100 KiB of anything is looked at in no time", () => {
    for (const text of [
      "a".repeat(100_000),
      "a.".repeat(50_000),
      "[".repeat(100_000),
      "1.".repeat(50_000),
      "xn--".repeat(25_000),
      "%".repeat(100_000),
    ]) {
      const start = performance.now();
      isHost(text);
      isHost(`${text}:80`);
      TOKEN.test(`${text}\n`);
      isFieldValue(`${text}\n`);
      quote(text);
      expect(performance.now() - start, text.slice(0, 8)).toBeLessThan(500);
    }
  });
});
