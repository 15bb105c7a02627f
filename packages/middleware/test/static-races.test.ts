import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { staticFiles } from "@tsgi/middleware/static";
import { open, request } from "@tsgi/testing";
import { afterAll, beforeEach, expect, test, vi } from "vitest";

// What others do to the files while they are served, at the very moment that hurts: after the look at a file, before it
// is opened or read.
const before = vi.hoisted(() => ({
  open: undefined as ((path: string) => void) | undefined,
  readdir: undefined as ((path: string) => void) | undefined,
  closed: 0,
}));
vi.mock("node:fs/promises", async (original) => {
  const fs = await original<typeof import("node:fs/promises")>();
  return {
    ...fs,
    open: async (path: string, flags: string) => {
      before.open?.(path);
      const handle = await fs.open(path, flags);
      const close = handle.close.bind(handle);
      handle.close = () => (before.closed++, close());
      return handle;
    },
    readdir: async (path: string) => {
      before.readdir?.(path);
      return fs.readdir(path);
    },
  };
});

const root = mkdtempSync(join(tmpdir(), "tsgi-static-races-"));
const app = staticFiles({ document_root: root, listing: true, precompressed: true });
const name = join(root, "page.txt");

beforeEach(() => {
  writeFileSync(name, "a".repeat(100));
  Object.assign(before, { open: undefined, readdir: undefined, closed: 0 });
});
afterAll(() => rm(root, { recursive: true }));

function replace(text: string): void {
  writeFileSync(`${name}.new`, text);
  renameSync(`${name}.new`, name);
}

// A deployment that renames its files into place: for a moment the answer had the length and the ETag of the old file and
// the first bytes of the new one, and a cache kept that
test.each([200, 100_000])(
  "a file that is replaced by %i bytes before it is opened goes out as the new one",
  async (size) => {
    before.open = () => {
      before.open = undefined;
      replace("b".repeat(size));
    };
    const answer = await request(app, { path: "/page.txt" });
    expect([answer.status, answer.header("content-length"), answer.text()]).toEqual([
      200,
      String(size),
      "b".repeat(size),
    ]);
    expect(answer.header("etag")).toBe((await request(app, { path: "/page.txt", method: "HEAD" })).header("etag"));
    expect(before.closed).toBe(2);
  },
);

test("a file that is another one each time is given up, with nothing left open", async () => {
  let opened = 0;
  before.open = () => replace("b".repeat(200 + ++opened));
  const answer = await request(app, { path: "/page.txt" });
  expect(answer.status).toBe(500);
  expect(answer.errors).toContain("was replaced 10 times");
  expect([opened, before.closed]).toEqual([10, 10]);
});

// 500, with the path of the file in the log as if something had broken
test("a file that vanishes before it is opened is not found", async () => {
  before.open = () => rmSync(name);
  expect((await request(app, { path: "/page.txt" })).status).toBe(404);
});

test("a packed file that vanishes before it is opened gives way to the file itself", async () => {
  writeFileSync(`${name}.br`, "packed");
  before.open = () => rmSync(`${name}.br`, { force: true });
  const answer = await request(app, { path: "/page.txt", headers: { "Accept-Encoding": "br" } });
  expect([answer.status, answer.text(), answer.header("content-encoding")]).toEqual([200, "a".repeat(100), undefined]);
});

// the body was dropped with its file open: Node closed it when it was collected, with the warning DEP0137, and ends the
// process over it in a later version
test("a client that leaves while a file is opened leaves none open", async () => {
  writeFileSync(name, "a".repeat(200_000));
  const exchange = open(app, { path: "/page.txt" });
  before.open = () => exchange.disconnect();
  await expect(exchange.next()).rejects.toThrow();
  await exchange.done;
  expect(before.closed).toBe(1);
});

test.each([
  ["EACCES", 403],
  ["ENOENT", 404],
])("a directory that cannot be listed for %s is %i, as a file would be", async (code, status) => {
  before.readdir = () => {
    throw Object.assign(new Error(`${code}: scandir`), { code });
  };
  expect((await request(app, { path: "/" })).status).toBe(status);
});

// RFC 9110 8.8.2.1: a cache takes what has changed later than it was sent for broken
test("a file of the future has changed now", async () => {
  utimesSync(name, 4_000_000_000, 4_000_000_000);
  const answer = await request(app, { path: "/page.txt" });
  expect(Date.parse(answer.header("last-modified") as string)).toBeLessThanOrEqual(Date.now());
});
