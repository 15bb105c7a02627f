import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { request } from "@tsgi/testing";
import { afterAll, expect, test } from "vitest";
import { blocksOf } from "../../../docs-tests/blocks.ts";
import { check, loadApp } from "../src/index.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
let folder: string;

afterAll(() => rm(folder, { recursive: true, force: true }));

test("the README's file composes what the page says", async () => {
  // in this package, from where its modules find @tsgi/core
  folder = await mkdtemp(join(HERE, "scratch-"));
  await cp(join(HERE, "../package.json"), join(folder, "package.json"));
  for (const { marks, code } of blocksOf("packages/deploy/README.md")) {
    const name = marks.get("file");
    if (name !== undefined) await writeFile(join(folder, name), code);
  }
  const options = { relativeTo: folder, environment: () => undefined };
  expect((await check("config:app.ini", options)).errors).toEqual([]);
  const app = await loadApp("config:app.ini", options);
  const page = await request(app, { path: "/Start" });
  expect(page.text()).toBe("Wiki/Start from sqlite::memory:");
  expect(page.header("X-Served-By")).toBe("wiki");
  expect((await request(app, { path: "/api/x" })).text()).toBe('{"path":"/x"}');
});
