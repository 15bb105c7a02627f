import { describe, expect, it } from "vitest";
import { parseStatus } from "../src/start-response.ts";
import { status } from "../src/status.ts";

describe("status", () => {
  it("gives the registered reason, and else the name of the class", () => {
    expect(status(200)).toBe("200 OK");
    expect(status(404)).toBe("404 Not Found");
    expect(status(413)).toBe("413 Content Too Large");
    expect(status(299)).toBe("299 Success");
    expect(status(399)).toBe("399 Redirection");
    expect(status(499)).toBe("499 Client Error");
    expect(status(599)).toBe("599 Server Error");
  });

  it("every code from 200 to 599 gives a line that startResponse takes", () => {
    for (let code = 200; code <= 599; code++) expect(parseStatus(status(code)).code).toBe(code);
  });

  it.each([199, 600, 0, -200, 404.5, NaN, Infinity, "404", undefined])("refuses %s", (code) => {
    expect(() => status(code as number)).toThrow(
      new TypeError(`status ${String(code)} is not a whole number from 200 to 599`),
    );
  });
});

describe("a status line", () => {
  it("is a code and a reason; the reason may be missing", () => {
    expect(parseStatus("200 OK")).toEqual({ code: 200, reason: "OK" });
    expect(parseStatus("418 I'm a Teapot")).toEqual({ code: 418, reason: "I'm a Teapot" });
    expect(parseStatus("404")).toEqual({ code: 404, reason: "" });
    expect(parseStatus("404 ")).toEqual({ code: 404, reason: "" });
    expect(parseStatus("200 \xe9\t")).toEqual({ code: 200, reason: "\xe9\t" });
  });

  it.each([
    "",
    "OK",
    "20 OK",
    "2000 OK",
    "200OK",
    " 200 OK",
    "100 Continue",
    "101 Switching Protocols",
    "199 Odd",
    "600 Odd",
    "999 Odd",
    "200 OK\r\nX: y",
    "200 O\nK",
    "200 O\0K",
    "200 \x7f",
    "200 \u20ac",
    "２００ OK",
    "200-OK",
    "+200 OK",
  ])("refuses %j, and shows it escaped", (line) => {
    let message = "";
    try {
      parseStatus(line);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      message = (error as Error).message;
    }
    expect(message).toContain('is not "NNN Reason"');
    expect(message).not.toMatch(/[^\x20-\x7e]/);
  });

  it.each([200, null, undefined, {}, ["200 OK"]])("refuses what is no string: %s", (line) => {
    expect(() => parseStatus(line as unknown as string)).toThrow(TypeError);
  });

  it("a flood of different reasons is not remembered without bound, and still read right", () => {
    for (let i = 0; i < 5000; i++) expect(parseStatus(`200 reason ${i}`).reason).toBe(`reason ${i}`);
    expect(parseStatus("200 OK").reason).toBe("OK");
  });
});
