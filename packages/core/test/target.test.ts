import { describe, expect, it } from "vitest";
import { decodePath, isTarget, pathAndQueryOf, pathOf, queryOf } from "../src/target.ts";
import { environFor } from "./in-memory.ts";

describe("a request-target", () => {
  it.each([
    ["/", "/", ""],
    ["/a/b?c=d", "/a/b", "c=d"],
    ["/a?", "/a", ""],
    ["/a?b?c", "/a", "b?c"],
    ["/?a#b", "/", "a"],
    ["/a#b?c", "/a", ""],
    ["*", "*", ""],
    ["//evil/x", "//evil/x", ""],
    ["/\\evil", "/\\evil", ""],
    ["/http://a/b", "/http://a/b", ""],
    // of the absolute form path and query alone count (CVE-2026-33732)
    ["http://evil.test/x?y", "/x", "y"],
    ["https://u:p@evil.test:99999/x", "/x", ""],
    ["http://evil.test", "/", ""],
    ["http://evil.test?q", "/", "q"],
    ["http://evil.test#f", "/", ""],
    ["HTTP://EVIL.test/%2e%2e/x", "/%2e%2e/x", ""],
  ])("%s is path %s and query %j", (target, path, query) => {
    expect(pathOf(target)).toBe(path);
    expect(queryOf(target)).toBe(query);
  });

  it.each([
    ["/a/b?c=d", "/a/b?c=d"],
    ["/a?", "/a?"],
    ["/a?b?c#d", "/a?b?c"],
    ["/a#b?c", "/a"],
    ["*", "*"],
    ["http://evil.test/x?y", "/x?y"],
    ["http://evil.test?q", "/?q"],
    ["http://evil.test", "/"],
  ])("%s is path and query %s", (target, both) => {
    expect(pathAndQueryOf(target)).toBe(both);
  });

  it("is a path, an http URL, or * for OPTIONS", () => {
    for (const good of ["/", "//x", "http://a", "https://a/b", "HTTP://a/"]) expect(isTarget(good, "GET")).toBe(true);
    for (const bad of [
      "",
      "a",
      "a/b",
      "*",
      "a:80",
      "ftp://a/",
      "http:/a",
      "http://",
      "http:///x",
      "?q",
      "javascript:x",
    ])
      expect(isTarget(bad, "GET")).toBe(false);
    expect(isTarget("*", "OPTIONS")).toBe(true);
  });
});

describe("PATH_INFO", () => {
  it.each([
    ["/", "/"],
    ["/a/b", "/a/b"],
    ["/a%20b", "/a b"],
    ["/caf%C3%A9", "/café"],
    ["/%e2%82%ac", "/€"],
    ["/%F0%9F%98%80", "/😀"],
    ["/%41%42%43", "/ABC"],
    ["/+", "/+"],
    ["/a;b=c,d", "/a;b=c,d"],
    ["/%3F%23", "/?#"],
    ["//a//b", "//a//b"],
  ])("%s is decoded to %s", (raw, path) => {
    expect(decodePath(raw)).toBe(path);
  });

  it.each([
    ["/a/./b", "/a/b"],
    ["/a/../b", "/b"],
    ["/../../b", "/b"],
    ["/a/b/..", "/a/"],
    ["/a/b/.", "/a/b/"],
    ["/..", "/"],
    ["/.", "/"],
    ["/a/%2e%2E/b", "/b"],
    ["/a/.%2e/b", "/b"],
    ["/a/%2e/b", "/a/b"],
    ["/a/.../b", "/a/.../b"],
    ["/a/..b/.c", "/a/..b/.c"],
    ["/a\\..\\b", "/b"],
    ["/\\evil", "//evil"],
    ["/a//../b", "/a/b"],
    // decoded once: an escaped escape is data
    ["/a/%252e%252e/b", "/a/%2e%2e/b"],
    ["/a/%5c..%5cb", "/a/\\..\\b"],
  ])("%s: dot segments are resolved, once: %s", (raw, path) => {
    expect(decodePath(raw)).toBe(path);
  });

  it("dot segments are resolved as the URL standard does", () => {
    const parts = ["a", ".", "..", "%2e", "%2E.", "", "b", "..."];
    let seed = 7;
    for (let round = 0; round < 2000; round++) {
      let raw = "";
      const length = 1 + (round % 6);
      for (let i = 0; i < length; i++) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        raw += `/${parts[seed % parts.length]}`;
      }
      expect(decodePath(raw), raw).toBe(new URL(`http://h${raw}`).pathname);
    }
  });

  it.each([
    ["/a%2Fb", "/a%2Fb"],
    ["/a%2fb", "/a%2fb"],
    // and an escape of it stays one, so that no two paths meet
    ["/a%252Fb", "/a%252Fb"],
    ["/a%25252fb", "/a%25252fb"],
    ["/a%25b", "/a%b"],
    ["/%2E%2E%2Fetc", "/..%2Fetc"],
    ["/a%2F..%2Fb", "/a%2F..%2Fb"],
  ])("%s: an encoded slash stays encoded: %s", (raw, path) => {
    expect(decodePath(raw)).toBe(path);
  });

  it("different paths stay different, whatever is encoded in them", () => {
    const seen = new Map<string, string>();
    for (const raw of ["/a/b", "/a%2Fb", "/a%2fb", "/a%252Fb", "/a%252fb", "/a%25252Fb"]) {
      const path = decodePath(raw);
      expect(seen.get(path), `${raw} and ${seen.get(path)}`).toBeUndefined();
      seen.set(path, raw);
    }
  });

  it.each([
    ["/%", "/%"],
    ["/%z", "/%z"],
    ["/%zz%41", "/%zzA"],
    ["/%4", "/%4"],
    ["/a%C3", "/a%C3"],
    ["/%C3%28", "/%C3("],
    ["/%ff%fe", "/%ff%fe"],
    ["/%C0%AF", "/%C0%AF"],
    ["/%E0%80%AF", "/%E0%80%AF"],
    ["/%ED%A0%80", "/%ED%A0%80"],
    ["/%F5%80%80%80", "/%F5%80%80%80"],
    ["/%80%C3%A9%80", "/%80é%80"],
    ["/%00", "/\0"],
    ["/%0d%0a", "/\r\n"],
  ])("%s: what is malformed stays as it stands, nothing throws: %j", (raw, path) => {
    expect(decodePath(raw)).toBe(path);
  });

  it("raw bytes beyond ASCII are UTF-8 like escaped ones", () => {
    expect(decodePath("/caf\xc3\xa9")).toBe("/café");
    expect(decodePath("/caf\xe9")).toBe("/caf%e9");
  });

  it("hostile input costs what its length says", () => {
    for (const raw of [
      "/..".repeat(100_000),
      "/%2e%2e".repeat(50_000),
      "/".repeat(300_000),
      `/${"%25".repeat(100_000)}2F`,
      `/${"%25".repeat(100_000)}`,
      `/%${"25".repeat(100_000)}`,
      `/${"%ff".repeat(100_000)}`,
      `/${"\xff".repeat(100_000)}`,
      `/${"\\".repeat(300_000)}`,
      `/${"%C3%A9".repeat(50_000)}%ff`,
    ]) {
      const start = performance.now();
      decodePath(raw);
      // the tools of a loaded machine are slow; what is quadratic takes minutes
      expect(performance.now() - start, raw.slice(0, 20)).toBeLessThan(1000);
    }
  });
});

describe("a target as environ shows it", () => {
  const shown = async (target: string, mount?: string): Promise<string[]> => {
    const environ = await environFor({ target, ...(mount === undefined ? {} : { source: { mount } }) });
    return [environ.SCRIPT_NAME, environ.PATH_INFO, environ.QUERY_STRING, environ.REQUEST_URI];
  };

  it("REQUEST_URI is raw, PATH_INFO decoded, the query untouched", async () => {
    expect(await shown("/caf%C3%A9/../a%2Fb?x=%20&y")).toEqual([
      "",
      "/a%2Fb",
      "x=%20&y",
      "/caf%C3%A9/../a%2Fb?x=%20&y",
    ]);
    expect(await shown("http://evil.test/x?")).toEqual(["", "/x", "", "/x?"]);
    expect(await shown("/x#frag")).toEqual(["", "/x", "", "/x"]);
  });

  it("under a mount the two together stay the whole", async () => {
    expect(await shown("/wiki/caf%C3%A9", "/wiki")).toEqual(["/wiki", "/café", "", "/wiki/caf%C3%A9"]);
    expect(await shown("/wiki", "/wiki/")).toEqual(["/wiki", "", "", "/wiki"]);
    expect(await shown("/wiki/", "/wiki")).toEqual(["/wiki", "/", "", "/wiki/"]);
    expect(await shown("/caf%C3%A9/x", "/caf%C3%A9")).toEqual(["/café", "/x", "", "/caf%C3%A9/x"]);
    expect(await shown("/a/../wiki/x", "/wiki")).toEqual(["/wiki", "/x", "", "/a/../wiki/x"]);
  });

  it("a path that leaves its mount is not under it", async () => {
    expect(await shown("/wiki/../x", "/wiki")).toEqual(["", "/x", "", "/wiki/../x"]);
    expect(await shown("/wikipedia", "/wiki")).toEqual(["", "/wikipedia", "", "/wikipedia"]);
  });

  it("* is the server as a whole", async () => {
    const environ = await environFor({ target: "*", method: "OPTIONS" });
    expect([environ.PATH_INFO, environ.REQUEST_URI]).toEqual(["*", "*"]);
  });
});
