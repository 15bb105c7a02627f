import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "@tsgi/testing";
import { expect, test } from "vitest";
import { loadApp } from "../../src/index.ts";

test("the INI file of the middleware's README composes what the page says", async () => {
  const page = await readFile(new URL("../../../middleware/README.md", import.meta.url), "utf8");
  const [, ini] = /```ini\n([^`]*)```/.exec(page) ?? [];
  const folder = await mkdtemp(join(tmpdir(), "tsgi-readme-"));
  try {
    await mkdir(join(folder, "public"));
    await writeFile(join(folder, "public/hello.txt"), "hello");
    await writeFile(join(folder, "app.ini"), ini);
    const app = await loadApp("config:app.ini", { relativeTo: folder });
    const answer = await request(app, { path: "/static/hello.txt" });
    expect([answer.text(), answer.header("cache-control")]).toEqual(["hello", "max-age=3600"]);
    await (app as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.();
    expect(await readFile(join(folder, "access.log"), "utf8")).toMatch(/"GET \/static\/hello\.txt HTTP\/1\.1" 200 5 /);
  } finally {
    await rm(folder, { recursive: true });
  }
});
