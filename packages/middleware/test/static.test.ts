import { chmod, mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cascade, urlmap, type App } from "@tsgi/core";
import { staticFiles, type StaticSettings } from "@tsgi/middleware/static";
import { open, request, type RequestOptions, type TestAnswer } from "@tsgi/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder: string;
let root: string;
const MODIFIED = new Date("2026-01-02T03:04:05Z");
const BIG = "0123456789".repeat(20_000);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tsgi-static-"));
  root = join(folder, "public");
  await mkdir(join(root, "docs/sub dir"), { recursive: true });
  await mkdir(join(root, "empty"));
  await mkdir(join(folder, "public-not"));
  const files: Record<string, string> = {
    "public/index.html": "<h1>Home</h1>",
    "public/app.js": "let a;",
    "public/data.json": "{}",
    "public/logo.svg": "<svg/>",
    "public/no-extension": "?",
    "public/a b&c.txt": "spaces",
    "public/Grüße.txt": "unicode",
    "public/big.txt": BIG,
    "public/empty.txt": "",
    "public/.env": "SECRET=1",
    "public/docs/.git": "hidden",
    "public/docs/file10.txt": "10",
    "public/docs/file9.txt": "9",
    "public/docs/<script>.txt": "evil",
    "public/docs/sub dir/x.txt": "x",
    "public/style.css": "body {}",
    "public/style.css.br": "BR",
    "public/style.css.gz": "GZ",
    "secret.txt": "outside",
    "public-not/secret.txt": "outside",
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    await utimes(join(folder, name), MODIFIED, MODIFIED);
  }
  await symlink(join(folder, "secret.txt"), join(root, "leak.txt"));
  await symlink(folder, join(root, "up"));
  await symlink(join(root, "data.json"), join(root, "inside.json"));
  await symlink(join(root, "loop"), join(root, "loop"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const files = (settings: Partial<StaticSettings> = {}): App => staticFiles({ document_root: root, ...settings });

function get(path: string, headers: Record<string, string> = {}, more: RequestOptions = {}): Promise<TestAnswer> {
  return request(files(), { path, headers, ...more });
}

describe("a file", () => {
  test("comes with its length, its type and its validators", async () => {
    const answer = await get("/app.js");
    expect(answer.status).toBe(200);
    expect(answer.text()).toBe("let a;");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "Content-Type": "text/javascript; charset=utf-8",
      "Content-Length": "6",
      "Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT",
      "Accept-Ranges": "bytes",
      "X-Content-Type-Options": "nosniff",
    });
    expect(answer.header("etag")).toMatch(/^"[0-9a-z]+-[0-9a-z]+"$/);
    expect(answer.header("cache-control")).toBeUndefined();
  });

  test.each([
    ["/", "text/html; charset=utf-8"],
    ["/data.json", "application/json"],
    ["/logo.svg", "image/svg+xml; charset=utf-8"],
    ["/style.css", "text/css; charset=utf-8"],
    ["/no-extension", "application/octet-stream"],
    ["/inside.json", "application/json"],
  ])("%s is %s", async (path, type) => {
    const answer = await get(path);
    expect([answer.status, answer.header("content-type")]).toEqual([200, type]);
  });

  test("with a name that has to be encoded is found", async () => {
    expect((await get("/a%20b%26c.txt")).text()).toBe("spaces");
    expect((await get("/Gr%C3%BC%C3%9Fe.txt")).text()).toBe("unicode");
  });

  test("that is big is streamed, whole; one that is empty is empty", async () => {
    const big = await get("/big.txt");
    expect([big.header("content-length"), big.text() === BIG]).toEqual(["200000", true]);
    const empty = await get("/empty.txt");
    expect([empty.status, empty.header("content-length"), empty.text()]).toEqual([200, "0", ""]);
  });

  test("HEAD is the same without the body", async () => {
    const [head, whole] = await Promise.all([get("/big.txt", {}, { method: "HEAD" }), get("/big.txt")]);
    expect(head.headers).toEqual(whole.headers);
    expect(head.body.length).toBe(0);
  });

  test("cache_max_age says how long it is fresh", async () => {
    const answer = await request(files({ cache_max_age: "3600" }), { path: "/app.js" });
    expect(answer.header("cache-control")).toBe("max-age=3600");
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])(
    "%s is answered 405, with what is allowed",
    async (method) => {
      const answer = await get("/app.js", {}, { method });
      expect([answer.status, answer.header("allow")]).toEqual([405, "GET, HEAD"]);
    },
  );

  test("a client that leaves in the middle lets go of it", async () => {
    const exchange = open(files(), { path: "/big.txt" });
    expect((await exchange.next())?.length).toBe(65_536);
    exchange.disconnect();
    await exchange.done;
    expect(exchange.errors).toBe("");
  });

  test("that becomes shorter while it is sent breaks the answer, and never pads it", async () => {
    const name = join(root, "shrinks.txt");
    await writeFile(name, BIG);
    const exchange = open(files(), { path: "/shrinks.txt" });
    await exchange.next();
    await truncate(name, 70_000);
    const rest = (async () => {
      while ((await exchange.next()) !== null);
    })();
    await expect(rest).rejects.toThrow();
    await exchange.done;
    await rm(name);
  });
});

describe("conditions (RFC 9110 13)", () => {
  const date = MODIFIED.toUTCString();
  const later = new Date(MODIFIED.getTime() + 60_000).toUTCString();
  const earlier = new Date(MODIFIED.getTime() - 60_000).toUTCString();

  test("If-None-Match and If-Modified-Since: 304 with its validators and no body", async () => {
    const etag = (await get("/app.js")).header("etag") as string;
    for (const headers of [
      { "If-None-Match": etag },
      { "If-None-Match": `"x", W/${etag}` },
      { "If-None-Match": "*" },
      { "If-Modified-Since": date },
      { "If-Modified-Since": later },
      // what fetch() makes of a conditional request
      { "If-None-Match": etag, "Cache-Control": "no-cache" },
    ] as Record<string, string>[]) {
      const answer = await get("/app.js", headers);
      expect([answer.status, answer.header("etag"), answer.body.length], JSON.stringify(headers)).toEqual([
        304,
        etag,
        0,
      ]);
      expect(answer.header("content-type")).toBeUndefined();
    }
  });

  test("another tag, an earlier date or a bad one: the whole; a tag beats a date", async () => {
    for (const headers of [
      { "If-None-Match": '"x"' },
      { "If-Modified-Since": earlier },
      { "If-Modified-Since": "yesterday" },
      { "If-None-Match": '"x"', "If-Modified-Since": later },
    ] as Record<string, string>[])
      expect((await get("/app.js", headers)).status, JSON.stringify(headers)).toBe(200);
  });

  test("If-Match and If-Unmodified-Since: 412 when it is another state", async () => {
    const etag = (await get("/app.js")).header("etag") as string;
    const statuses = async (name: string, values: string[]): Promise<number[]> =>
      Promise.all(values.map(async (value) => (await get("/app.js", { [name]: value })).status));
    expect(await statuses("If-Match", [etag, `"x", ${etag}`, "*"])).toEqual([200, 200, 200]);
    // a weak tag never matches strongly
    expect(await statuses("If-Match", ['"x"', `W/${etag}`])).toEqual([412, 412]);
    expect(await statuses("If-Unmodified-Since", [date, later, earlier, "never"])).toEqual([200, 200, 412, 200]);
  });

  // `If-Unmodified-Since: 1` was answered 412 and `If-Modified-Since: 2040` 304: Date.parse takes more than HTTP does
  test("what is no HTTP date is ignored", async () => {
    for (const name of ["If-Unmodified-Since", "If-Modified-Since"])
      for (const value of [
        "1",
        "2040",
        "1990",
        "2040-01-01T00:00:00Z",
        later.replace("GMT", "+0100"),
        later.slice(5),
        "Wed, 31 Feb 2040 00:00:00 GMT",
        "Wed, 01 Jan 2040 25:00:00 GMT",
        "Wed, 01 Foo 2040 00:00:00 GMT",
      ])
        expect((await get("/app.js", { [name]: value })).status, `${name}: ${value}`).toBe(200);
  });

  test("the two old forms of a date are understood", async () => {
    for (const [value, status] of [
      ["Fri Jan  2 03:04:05 2026", 304],
      ["Fri Jan  2 03:04:04 2026", 200],
      ["Friday, 02-Jan-26 03:04:05 GMT", 304],
      ["Friday, 02-Jan-26 03:04:04 GMT", 200],
      // more than 50 years ahead: 1999
      ["Friday, 01-Jan-99 00:00:00 GMT", 200],
    ] as const)
      expect((await get("/app.js", { "If-Modified-Since": value })).status, value).toBe(status);
  });
});

describe("ranges (RFC 9110 14)", () => {
  test.each([
    ["bytes=0-4", "01234", "bytes 0-4/200000"],
    ["bytes=199995-", "56789", "bytes 199995-199999/200000"],
    ["bytes=-5", "56789", "bytes 199995-199999/200000"],
    ["bytes=199999-300000", "9", "bytes 199999-199999/200000"],
    ["bytes=0-2, 3-4", "01234", "bytes 0-4/200000"],
  ])("%s", async (range, text, contentRange) => {
    const answer = await get("/big.txt", { Range: range });
    expect([answer.status, answer.text(), answer.header("content-range")]).toEqual([206, text, contentRange]);
    expect(answer.header("content-length")).toBe(String(text.length));
  });

  test("a long one is streamed", async () => {
    const answer = await get("/big.txt", { Range: "bytes=5-150004" });
    expect(answer.text()).toBe(BIG.slice(5, 150_005));
  });

  test.each(["bytes=200000-", "bytes=-0", "bytes=5-2"])("%s cannot be satisfied: 416 with the size", async (range) => {
    const answer = await get("/big.txt", { Range: range });
    expect([answer.status, answer.header("content-range")]).toEqual([416, "bytes */200000"]);
  });

  test.each(["lines=0-4", "bytes", "bytes=a-b", "bytes=0-1,5-6"])("%s gets the whole", async (range) => {
    expect((await get("/big.txt", { Range: range })).status).toBe(200);
  });

  // RFC 9110 14.1.2; the last megabyte of a shorter log was answered 416
  test.each(["bytes=-200001", "bytes= - 99999999999999999999", "bytes=5-9,-999999"])(
    "%s, longer than the file, is the whole of it",
    async (range) => {
      const answer = await get("/big.txt", { Range: range });
      expect([answer.status, answer.header("content-range")]).toEqual([206, "bytes 0-199999/200000"]);
      expect(answer.text()).toBe(BIG);
    },
  );

  test("of an empty file there is no part to name: it comes whole", async () => {
    const answer = await get("/empty.txt", { Range: "bytes=-5" });
    expect([answer.status, answer.header("content-length")]).toEqual([200, "0"]);
  });

  test("If-Range: only of what the client has seen", async () => {
    const etag = (await get("/big.txt")).header("etag") as string;
    const statusOf = async (value: string): Promise<number> =>
      (await get("/big.txt", { Range: "bytes=0-4", "If-Range": value })).status;
    expect(await statusOf(etag)).toBe(206);
    expect(await statusOf(MODIFIED.toUTCString())).toBe(206);
    expect(await statusOf('"x"')).toBe(200);
    expect(await statusOf(`W/${etag}`)).toBe(200);
    expect(await statusOf(new Date(MODIFIED.getTime() + 60_000).toUTCString())).toBe(200);
  });

  test("HEAD has no ranges", async () => {
    expect((await get("/big.txt", { Range: "bytes=0-4" }, { method: "HEAD" })).status).toBe(200);
  });
});

describe("nothing outside the directory can be reached", () => {
  test.each([
    "/../secret.txt",
    "/docs/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e%2fsecret.txt",
    "/docs/..%252fsecret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/../public-not/secret.txt",
    "/app.js%00.txt",
    "/%00",
    "/leak.txt",
    "/up/secret.txt",
    "/up/public/app.js/../../secret.txt",
    "/loop",
    "//app.js",
    "/docs//file9.txt",
    "/app.js/",
    "/app.js/x",
    `/${"x".repeat(300)}`,
    `/${"x/".repeat(3000)}`,
    "/docs%2ffile9.txt",
  ])("%s", async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(answer.text()).not.toContain("outside");
  });

  // a filter may set a PATH_INFO that no gateway would
  test.each(["/../secret.txt", "/./app.js", "/docs/../app.js", "app.js", "/..", "\\..\\secret.txt"])(
    "PATH_INFO %j",
    async (path) => {
      const app: App = (environ, startResponse) => {
        environ.PATH_INFO = path;
        return files()(environ, startResponse);
      };
      expect((await request(app, { validate: false })).status).toBe(404);
    },
  );

  test("files that begin with a dot are hidden, until dot_files says otherwise", async () => {
    for (const path of ["/.env", "/docs/.git", "/.well-known/x"]) expect((await get(path)).status).toBe(404);
    expect((await request(files({ dot_files: "yes" }), { path: "/.env" })).text()).toBe("SECRET=1");
  });

  test("what may not be read is 403", async () => {
    await writeFile(join(root, "locked.txt"), "x");
    await chmod(join(root, "locked.txt"), 0);
    // root may read everything
    expect((await get("/locked.txt")).status).toBe(process.getuid?.() === 0 ? 200 : 403);
    await rm(join(root, "locked.txt"));
  });
});

describe("a directory", () => {
  test("without its slash is redirected to, with the query, also under a mount", async () => {
    const answer = await get("/docs/sub%20dir?a=b");
    expect([answer.status, answer.header("location")]).toEqual([301, "/docs/sub%20dir/?a=b"]);
    const mounted = urlmap({ "/static": files() });
    expect((await request(mounted, { path: "/static" })).header("location")).toBe("/static/");
    expect((await request(mounted, { path: "/static/docs" })).header("location")).toBe("/static/docs/");
    expect((await request(mounted, { path: "/static/" })).text()).toBe("<h1>Home</h1>");
  });

  // CVE-2020-28724 (Werkzeug): //host/%2f.. as a Location named another host
  test("a redirect stays on this host", async () => {
    const app: App = (environ, startResponse) => {
      environ.SCRIPT_NAME = "//evil.test";
      return files()(environ, startResponse);
    };
    const answer = await request(app, { path: "/docs", validate: false });
    expect(answer.header("location")).toBe("/evil.test/docs/");
  });

  test("without an index is not found, until listing shows it", async () => {
    expect((await get("/docs/")).status).toBe(404);
    const answer = await request(urlmap({ "/static": files({ listing: true }) }), { path: "/static/docs/" });
    expect(answer.status).toBe(200);
    expect(answer.header("content-type")).toBe("text/html; charset=utf-8");
    const html = answer.text();
    expect(html).toContain("<title>Index of /static/docs/</title>");
    // directories first, then by name, numbers as numbers; what is hidden is not there
    const links = [...html.matchAll(/<a href="([^"]*)">/g)].map(([, href]) => href);
    expect(links).toEqual(["../", "./sub%20dir/", "./%3Cscript%3E.txt", "./file9.txt", "./file10.txt"]);
    expect(html).not.toContain("<script>");
    expect(html).toContain('<time datetime="2026-01-02T03:04:05.000Z">2026-01-02 03:04</time>');
  });

  test("of the root lists no parent, and no link that leads out", async () => {
    const html = (await request(files({ listing: "true", index: "none.html" }), { path: "/" })).text();
    expect(html).not.toContain('href="../"');
    expect(html).not.toMatch(/leak\.txt|>up|loop|\.env/);
    expect(html).toContain("200 kB");
    expect(html).toContain("inside.json");
  });

  test("that is empty is a page too", async () => {
    expect((await request(files({ listing: true }), { path: "/empty/" })).text()).toContain("0 entries");
  });
});

describe("precompressed files", () => {
  const styled = (accept?: string, path = "/style.css"): Promise<TestAnswer> =>
    request(files({ precompressed: true }), {
      path,
      headers: accept === undefined ? {} : { "Accept-Encoding": accept },
    });

  test.each([
    ["gzip, br", "BR", "br"],
    ["gzip;q=1, br;q=0.5", "GZ", "gzip"],
    ["br;q=0, gzip", "GZ", "gzip"],
    ["*", "BR", "br"],
    ["identity", "body {}", undefined],
    [undefined, "body {}", undefined],
  ])("%s", async (accept, text, encoding) => {
    const answer = await styled(accept);
    expect([answer.text(), answer.header("content-encoding")]).toEqual([text, encoding]);
    expect(answer.header("content-type")).toBe("text/css; charset=utf-8");
    expect(answer.header("vary")).toBe("Accept-Encoding");
  });

  // .br and .gz of one size and one time had one strong ETag: a range of the one was joined to the rest of the other
  test("each has a tag of its own", async () => {
    const accepts = ["br", "gzip", "identity"];
    const tags = await Promise.all(accepts.map(async (accept) => (await styled(accept)).header("etag")));
    expect(new Set(tags).size).toBe(3);
  });

  test("without one the file itself", async () => {
    expect((await styled("br, gzip", "/app.js")).text()).toBe("let a;");
  });
});

describe("settings", () => {
  test("document_root is wanted, and has to be there", async () => {
    expect(() => staticFiles({} as StaticSettings)).toThrow('"document_root": is missing');
    expect(() => staticFiles({ document_root: join(root, "gone") })).toThrow("is no directory");
    expect(() => staticFiles({ document_root: join(root, "app.js") })).toThrow("is no directory");
  });

  test("a relative one starts from the folder of the INI file", async () => {
    const app = await staticFiles.factory({ here: folder }, { document_root: "public" });
    expect((await request(app, { path: "/app.js" })).text()).toBe("let a;");
  });

  test("one that is misspelt is refused with the nearest name", () => {
    expect(() => files({ listings: "yes" } as Partial<StaticSettings>)).toThrow("did you mean 'listing'?");
  });

  test("in a cascade what is not found goes to the next app", async () => {
    const next: App = (environ, startResponse) => {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      return [`app ${environ.PATH_INFO}`];
    };
    const app = cascade([files(), next], { catch: [404, 405] });
    expect((await request(app, { path: "/app.js" })).text()).toBe("let a;");
    expect((await request(app, { path: "/wiki" })).text()).toBe("app /wiki");
    expect((await request(app, { path: "/app.js", method: "POST" })).text()).toBe("app /app.js");
  });
});
