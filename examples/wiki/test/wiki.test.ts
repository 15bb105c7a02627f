import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "@tsgi/core";
import { appConfig, check, loadApp, loadFilter } from "@tsgi/deploy";
import { request, type TestAnswer } from "@tsgi/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FileStore } from "../src/store/files.ts";
import { pageName } from "../src/store/store.ts";
import { WIKI } from "./started.ts";

let folder = "";
let pages = "";
const options = { relativeTo: WIKI, log: () => {} };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tsgi-wiki-"));
  pages = join(folder, "pages");
  await cp(join(WIKI, "pages"), pages, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true }));
const load = (file: string, environment: Record<string, string> = {}): Promise<App> =>
  loadApp(`config:${file}`, {
    ...options,
    globalConf: { pages },
    environment: (name: string) => environment[name],
  });

describe("the configuration", () => {
  it.each(["wiki.ini", "search.ini", "development.ini", "production.ini", "workers.ini"])(
    "%s has no problem and no warning",
    async (file) => {
      const report = await check(`config:${file}`, options);
      expect({ errors: report.errors.map(String), warnings: report.warnings }).toEqual({ errors: [], warnings: [] });
    },
  );

  it("development.ini and production.ini are wiki.ini, with some settings of their own", async () => {
    const development = await load("development.ini");
    expect((await request(development, { path: "/Start" })).text()).toContain(
      "<title>Start · A wiki of parts (development)</title>",
    );
    const production = await load("production.ini");
    expect((await request(production, { path: "/Start" })).text()).toContain("<title>Start · A wiki of parts</title>");
    const { globalConf } = await appConfig("config:production.ini", {
      ...options,
      environment: (name: string) => ({ WIKI_PAGES: "/srv/pages" })[name],
    });
    expect(globalConf).toMatchObject({ pages: "/srv/pages", readonly: "false" });
  });

  it("a wiki that is read-only offers nothing else, and takes nothing", async () => {
    const app = await load("production.ini", { WIKI_READONLY: "true" });
    expect((await request(app, { path: "/Start" })).text()).not.toContain("?edit");
    expect((await request(app, { path: "/Start?edit" })).text()).not.toContain("<textarea");
    expect((await request(app, { path: "/Nowhere" })).text()).not.toContain("Write it");
    expect(await save(app, "/Start", { text: "x", version: "" })).toMatchObject({ status: 405 });
  });

  it("stands under a mount, and its links know", async () => {
    const app = await load("wiki.ini");
    const answer = await request(app, { path: "/team/wiki/Start", mount: "/team/wiki" });
    expect(answer.text()).toContain('href="/team/wiki/Writing"');
    expect(answer.text()).toContain('href="/team/wiki/static/wiki.css"');
    const found = await request(app, { path: "/team/wiki/search?q=welcome", mount: "/team/wiki" });
    expect(found.text()).toContain('href="/team/wiki/Start"');
  });
});

function save(app: App, path: string, fields: Record<string, string>, headers = {}): Promise<TestAnswer> {
  return request(app, {
    method: "POST",
    path,
    headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

describe("the pages", () => {
  let app: App;
  beforeAll(async () => {
    app = await load("wiki.ini");
  });

  it.each([
    "/../wiki.ini",
    "/%2e%2e%2fwiki",
    "/..%5Cwiki",
    "/.hidden",
    "/a/b",
    "/a%00b",
    "/a.md",
    "/con",
    `/${"x".repeat(81)}`,
  ])("%s is no page, and saves nothing", async (path) => {
    const before = await readdir(folder, { recursive: true });
    expect((await request(app, { path })).status).toBe(404);
    expect((await save(app, path, { text: "x", version: "" })).status).toBe(404);
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });

  it("a name in another writing leads to the page", async () => {
    const { status, headers } = await request(app, { path: "/Cafe%CC%81" });
    expect([status, headers.find(([name]) => name === "Location")]).toEqual([303, ["Location", "/Caf%C3%A9"]]);
  });

  it("what is saved is a file, with one kind of line end", async () => {
    expect((await save(app, "/Lines", { text: "\r\none\r\ntwo  ", version: "" })).status).toBe(303);
    expect(await readFile(join(pages, "Lines.md"), "utf8")).toBe("one\ntwo\n");
  });

  it("a text that began as another version is not saved: 409, with both texts", async () => {
    await save(app, "/Contended", { text: "theirs", version: "" });
    const answer = await save(app, "/Contended", { text: "mine", version: "" });
    expect(answer.status).toBe(409);
    expect(answer.text()).toMatch(/<pre>theirs\n<\/pre\s*>[^]*<textarea[^>]*>mine\n<\/textarea/);
    expect(await readFile(join(pages, "Contended.md"), "utf8")).toBe("theirs\n");
  });

  it("of two that save at once exactly one has saved", async () => {
    const store = new FileStore(pages);
    const saved = await Promise.all([store.write("Race", "a\n", ""), store.write("Race", "b\n", "")]);
    expect(saved).toEqual([true, false]);
    expect((await store.read("Race"))?.text).toBe("a\n");
    expect((await store.list()).filter((name) => name.includes("Race"))).toEqual(["Race"]);
  });

  it("a page needs some text", async () => {
    expect((await save(app, "/Empty", { text: " \r\n ", version: "" })).status).toBe(422);
  });

  it.each([
    [{ "Sec-Fetch-Site": "cross-site" }, 403],
    [{ "Sec-Fetch-Site": "same-site" }, 403],
    [{ "Sec-Fetch-Site": "same-origin" }, 303],
    [{ Origin: "https://elsewhere.example" }, 403],
    [{ Origin: "null" }, 403],
    [{ Origin: "https://wiki.example", Host: "wiki.example" }, 303],
    [{}, 303],
  ])("a form sent with %j: %s", async (headers, status) => {
    const name = `/Sent ${JSON.stringify(headers)
      .replace(/[^a-z]+/gi, " ")
      .trim()}`.trim();
    expect((await save(app, encodeURI(name), { text: "x", version: "" }, headers)).status).toBe(status);
  });

  it("no name of a page is a way out of its folder", () => {
    for (const name of [
      "",
      ".",
      "..",
      "a/b",
      "a\\b",
      "a\0",
      "a.b",
      " ",
      "-",
      "a  b",
      "a-",
      "aux",
      "COM1",
      "é".repeat(41),
    ])
      expect([name, pageName(name)]).toEqual([name, undefined]);
    for (const name of ["Start", "How it is composed", "a-b_c", "日本語", "é".repeat(40)])
      expect(pageName(name)).toBe(name);
  });
});

describe("the interface", () => {
  it("gives pages as JSON, fresh, and changes none where `set readonly` says so", async () => {
    const app = await load("wiki.ini");
    const list = await request(app, { path: "/v1/pages" });
    expect(JSON.parse(list.text())).toMatchObject({ title: "A wiki of parts" });
    expect(list.headers).toContainEqual(["Cache-Control", "no-store"]);
    const page = await request(app, { path: "/v1/pages/Writing" });
    const { version, html } = JSON.parse(page.text()) as { version: string; html: string };
    expect(page.headers).toContainEqual(["etag", `"${version}"`]);
    expect(html).toContain("&lt;b&gt;this&lt;/b&gt;");
    expect((await request(app, { path: "/v1/pages/Nowhere" })).status).toBe(404);
    const put = { method: "PUT", path: "/v1/pages/Writing", body: JSON.stringify({ text: "x", version }) };
    expect((await request(app, put)).status).toBe(404);
  });

  it("writes where it may, and says when the page has changed", async () => {
    const files = await loadFilter("config:wiki.ini#files", { ...options, globalConf: { pages } });
    const app = files(await loadApp("config:wiki.ini#api", { ...options, globalConf: { pages } }));
    const put = (value: unknown): Promise<TestAnswer> =>
      request(app, {
        method: "PUT",
        path: "/pages/By%20machine",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(value),
      });
    expect((await put({ text: "first", version: "" })).status).toBe(200);
    expect((await put({ text: "second", version: "" })).status).toBe(409);
    expect((await put({ text: 7 })).status).toBe(422);
    expect((await put(null)).status).toBe(422);
    expect(await readFile(join(pages, "By machine.md"), "utf8")).toBe("first\n");
  });
});
