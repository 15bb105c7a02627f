import { describe, expect, it } from "vitest";
import { urlmap, type UrlmapOptions } from "../src/compose/urlmap.ts";
import type { App } from "../src/contract.ts";
import { ask, type Asked } from "./in-memory.ts";

// Paste's rules U1 to U7, with what was wrong in the original mended.

/** Answers with its name and what it saw: `blog "/blog" "/x"`. */
const named =
  (name: string): App =>
  (environ, startResponse) => {
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    return [`${name} ${JSON.stringify(environ.SCRIPT_NAME)} ${JSON.stringify(environ.PATH_INFO)}`];
  };

const mapOf = (keys: readonly string[], options?: UrlmapOptions): App =>
  urlmap(Object.fromEntries(keys.map((key) => [key, named(key)])), options);

const get = async (app: App, target: string, more: Asked = {}): Promise<string> => {
  const seen = await ask(app, { target, ...more });
  return seen.status === 200 ? seen.text : String(seen.status);
};

const onHost = (host: string): Asked => ({ headers: [["host", host]] });

describe("urlmap: paths", () => {
  it("U2 U3: the longest mount wins, by whole segments, and is shifted to SCRIPT_NAME", async () => {
    const app = mapOf(["/", "/blog", "/blog/wiki"]);
    expect(await get(app, "/")).toBe('/ "" "/"');
    expect(await get(app, "/blog")).toBe('/blog "/blog" ""');
    expect(await get(app, "/blog/")).toBe('/blog "/blog" "/"');
    expect(await get(app, "/blog/x/y")).toBe('/blog "/blog" "/x/y"');
    expect(await get(app, "/blogger")).toBe('/ "" "/blogger"');
    expect(await get(app, "/blog/wiki")).toBe('/blog/wiki "/blog/wiki" ""');
    expect(await get(app, "/blog/wiki/page")).toBe('/blog/wiki "/blog/wiki" "/page"');
    expect(await get(app, "/blog/wikipedia")).toBe('/blog "/blog" "/wikipedia"');
  });

  it("U2: case counts", async () => {
    expect(await get(mapOf(["/", "/blog"]), "/BLOG")).toBe('/ "" "/BLOG"');
  });

  it("U1 U2: repeated slashes count as one, in the key and in the path", async () => {
    const app = mapOf(["/", "//blog///wiki/"]);
    expect(await get(app, "//blog//wiki///page//")).toBe('//blog///wiki/ "/blog/wiki" "/page/"');
    expect(await get(app, "//x//y")).toBe('/ "" "/x/y"');
  });

  it("U1: of equal mounts the last one wins", async () => {
    expect(await get(mapOf(["/blog", "/blog/", "//blog"]), "/blog/x")).toBe('//blog "/blog" "/x"');
  });

  it("U2: a mount is plain decoded text, and an encoded slash is no segment's end", async () => {
    const app = mapOf(["/café", "/a%2Fb", "/"]);
    expect(await get(app, "/caf%C3%A9/x")).toBe('/café "/café" "/x"');
    expect(await get(app, "/a%2Fb/c")).toBe('/a%2Fb "/a%2Fb" "/c"');
    expect(await get(app, "/a%2Fc")).toBe('/ "" "/a%2Fc"');
  });

  it("is added to a SCRIPT_NAME that is there, and nests", async () => {
    const inner = mapOf(["/", "/wiki"]);
    const app = urlmap({ "/site": urlmap({ "/": inner, "/a": inner }) });
    expect(await get(app, "/site/wiki/deep")).toBe('/wiki "/site/wiki" "/deep"');
    expect(await get(app, "/site/a/wiki")).toBe('/wiki "/site/a/wiki" ""');
    expect(await get(app, "/site")).toBe('/ "/site" ""');
    expect(await get(app, "/base/site", { source: { mount: "/base" } })).toBe('/ "/base/site" ""');
  });

  it("U4: a 404 in plain text where nothing is mounted", async () => {
    const seen = await ask(mapOf(["/blog"]), { target: "/nothing" });
    expect([seen.status, seen.header("content-type"), seen.text]).toEqual([
      404,
      "text/plain; charset=utf-8",
      "Not Found\n",
    ]);
  });

  it("U4: notFound sees SCRIPT_NAME and PATH_INFO untouched", async () => {
    const app = mapOf(["/blog"], { notFound: named("lost") });
    expect(await get(app, "/zip//zap")).toBe('lost "" "/zip//zap"');
    expect(await get(app, "/mnt/", { source: { mount: "/mnt" } })).toBe('lost "/mnt" "/"');
  });

  it("names that objects have by themselves are mounts like any other", async () => {
    const app = mapOf(["/constructor", "/toString"]);
    expect(await get(app, "/constructor/x")).toBe('/constructor "/constructor" "/x"');
    expect(await get(app, "/hasOwnProperty")).toBe("404");
  });
});

describe("urlmap: hosts", () => {
  it("U3 U5: a host comes before no host, in any case of letters, on either side", async () => {
    const app = mapOf(["/", "domain Example.COM"]);
    expect(await get(app, "/a", onHost("example.com"))).toBe('domain Example.COM "" "/a"');
    expect(await get(app, "/a", onHost("EXAMPLE.com:81"))).toBe('domain Example.COM "" "/a"');
    expect(await get(app, "/a", onHost("other.example.com"))).toBe('/ "" "/a"');
  });

  it("U5: a host none of whose paths match falls through to no host", async () => {
    const app = mapOf(["/", "domain a.test /private"]);
    expect(await get(app, "/private/x", onHost("a.test"))).toBe('domain a.test /private "/private" "/x"');
    expect(await get(app, "/x", onHost("a.test"))).toBe('/ "" "/x"');
  });

  it("U6: a port is that port only; without one the scheme says it", async () => {
    const app = mapOf(["domain a.test port 80", "domain b.test port 443"]);
    expect(await get(app, "/", onHost("a.test"))).toBe('domain a.test port 80 "" "/"');
    expect(await get(app, "/", onHost("a.test:80"))).toBe('domain a.test port 80 "" "/"');
    expect(await get(app, "/", onHost("a.test:"))).toBe('domain a.test port 80 "" "/"');
    expect(await get(app, "/", onHost("a.test:8000"))).toBe("404");
    expect(await get(app, "/", onHost("b.test"))).toBe("404");
    expect(await get(app, "/", { ...onHost("b.test"), source: { scheme: "https" } })).toBe(
      'domain b.test port 443 "" "/"',
    );
  });

  it("U6: beside `domain a` the entry `domain a port N` is reached", async () => {
    const app = mapOf(["domain a.test", "domain a.test port 81"]);
    expect(await get(app, "/", onHost("a.test:81"))).toBe('domain a.test port 81 "" "/"');
    expect(await get(app, "/", onHost("a.test:82"))).toBe('domain a.test "" "/"');
  });

  it("the longest path wins among a host's entries, with the port or without", async () => {
    const app = mapOf(["domain a.test /x", "domain a.test port 81 /"]);
    expect(await get(app, "/x/y", onHost("a.test:81"))).toBe('domain a.test /x "/x" "/y"');
    expect(await get(app, "/y", onHost("a.test:81"))).toBe('domain a.test port 81 / "" "/y"');
  });

  it("URLs are keys too: http is the host on any port, https is port 443", async () => {
    const app = mapOf(["http://a.test/x", "http://b.test:8080/", "https://c.test"]);
    expect(await get(app, "/x/1", onHost("a.test:99"))).toBe('http://a.test/x "/x" "/1"');
    expect(await get(app, "/", onHost("b.test:8080"))).toBe('http://b.test:8080/ "" "/"');
    expect(await get(app, "/", onHost("b.test"))).toBe("404");
    expect(await get(app, "/", onHost("c.test:443"))).toBe('https://c.test "" "/"');
    expect(await get(app, "/", onHost("c.test"))).toBe("404");
  });

  it("IPv6 hosts are hosts, with brackets or without in the key", async () => {
    const app = mapOf(["domain ::1", "domain [2001:DB8::2] port 8080 /x", "http://[::3]:81/"]);
    expect(await get(app, "/a", onHost("[::1]:8080"))).toBe('domain ::1 "" "/a"');
    expect(await get(app, "/x/a", onHost("[2001:db8::2]:8080"))).toBe('domain [2001:DB8::2] port 8080 /x "/x" "/a"');
    expect(await get(app, "/", onHost("[::3]:81"))).toBe('http://[::3]:81/ "" "/"');
    expect(await get(app, "/", onHost("[::3]"))).toBe("404");
  });

  it("without Host the listener's name and port stand in, an IPv6 address too", async () => {
    const app = mapOf(["domain a.test", "domain ::1 port 8080"], { notFound: named("lost") });
    const bare = (serverName: string): Asked => ({ headers: [], source: { serverName, protocol: "HTTP/1.0" } });
    expect(await get(app, "/a", bare("A.test"))).toBe('domain a.test "" "/a"');
    expect(await get(app, "/a", bare("::1"))).toBe('domain ::1 port 8080 "" "/a"');
    expect(await get(app, "/a", bare("127.0.0.1"))).toBe('lost "" "/a"');
  });
});

describe("urlmap: U1, a path beside a domain", () => {
  // `domain a.test blog` was refused as a path that does not start with a slash; Paste mounts it at http://a.test/blog
  it("needs no slash at its start", async () => {
    const app = mapOf(["domain a.test blog", "wiki domain a.test port 81"], { notFound: named("lost") });
    expect(await get(app, "/blog/x", onHost("a.test"))).toBe('domain a.test blog "/blog" "/x"');
    expect(await get(app, "/wiki", onHost("a.test:81"))).toBe('wiki domain a.test port 81 "/wiki" ""');
    expect(await get(app, "/blog", onHost("b.test"))).toBe('lost "" "/blog"');
  });
});

describe("urlmap: U7, keys that are none", () => {
  it.each([
    ["blog", "URL fragments must start with / or http://"],
    ["/a /b", "more than one path given"],
    ["port 80 /x", "if you give a port, you must also give a domain"],
    ["domain", "'domain' must be followed with a domain name"],
    ["domain x.test port", "'port' must be followed with a port number"],
    ["domain x.test port eighty", "'port' must be followed with a port number"],
    ["domain a.test domain b.test", "'domain' given twice"],
    ["domain a.test port 1 port 2", "'port' given twice"],
    ["domain b.test http://a.test/", "a URL names its host itself"],
    ["http://a@b.test/", "is not one host and port"],
    ["http://a.test:99999/", "is not one host and port"],
  ])("%s", (key, message) => {
    expect(() => mapOf([key])).toThrow(TypeError);
    expect(() => mapOf([key])).toThrow(message);
    expect(() => mapOf([key])).toThrow(JSON.stringify(key));
  });

  it("a value that is no app is named", () => {
    expect(() => urlmap({ "/x": "blog" as unknown as App })).toThrow('urlmap: "/x" is string; an app is wanted');
  });
});

describe("urlmap: cost", () => {
  const time = async (app: App, target: string, rounds: number): Promise<number> => {
    const environ = { PATH_INFO: target, SCRIPT_NAME: "", "tsgi.url_scheme": "http" };
    const start = performance.now();
    for (let i = 0; i < rounds; i++) void app({ ...environ } as never, () => () => {});
    return performance.now() - start;
  };

  it("10,000 mounts are found like one", async () => {
    const few = mapOf(["/mount7777"]);
    const many = mapOf(Array.from({ length: 10_000 }, (_, i) => `/mount${i}`));
    expect(await get(many, "/mount7777/x")).toBe('/mount7777 "/mount7777" "/x"');
    await time(many, "/mount7777/x", 5000);
    await time(few, "/mount7777/x", 5000);
    const one = await time(few, "/mount7777/x", 20_000);
    // a search through the list would be some thousand times as slow
    expect(await time(many, "/mount7777/x", 20_000)).toBeLessThan(20 * one + 50);
  });

  it("a deep hostile path costs what its length says, also among deep mounts", async () => {
    const deep = "/a".repeat(2000);
    const app = mapOf(["/", deep, "/a/a/a"]);
    expect(await time(app, "/a".repeat(500_000), 1)).toBeLessThan(500);
    expect(await time(app, "//".repeat(500_000), 1)).toBeLessThan(500);
    expect(await time(app, `${deep}/b`, 50)).toBeLessThan(500);
    expect(await get(app, `${deep}/b`, { limits: { headerBytes: Infinity } })).toContain('"/b"');
  });
});
