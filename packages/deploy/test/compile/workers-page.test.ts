import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { blocksOf } from "../../../../docs-tests/blocks.ts";
import { ROOT, startWorkerd } from "../../../../tools/runtimes.mjs";
import { compile } from "../../src/compile/compile.ts";
import { projects } from "./project.ts";

// docs/workers.md does what it says.

const project = projects(dirname(fileURLToPath(import.meta.url)));
const files = Object.fromEntries(
  blocksOf("docs/workers.md").flatMap(({ marks, code }) => (marks.has("file") ? [[marks.get("file"), code]] : [])),
) as Record<string, string>;

async function ask(worker: string): Promise<string[]> {
  const { child, port, exited } = await startWorkerd(worker, { bindings: { API_KEY: "12345678" } });
  try {
    const url = `http://127.0.0.1:${await port}`;
    return await Promise.all(["/Start", "/api/x"].map(async (path) => (await fetch(url + path)).text()));
  } finally {
    child.kill();
    await exited;
  }
}

describe("the page about Workers", () => {
  it.each([
    ["the whole Worker", true, "dist/worker.js", "dist/worker.js"],
    ["the Worker around the app", false, "dist/app.js", "worker.ts"],
  ])("%s runs", async (_name, entry, out, main) => {
    const folder = project(files);
    const made = await compile("config:app.ini", {
      target: "workers",
      entry,
      out: join(folder, out),
      relativeTo: folder,
    });
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, out), made.code);
    expect(made.warnings).toEqual([]);
    expect(await ask(join(folder, main))).toEqual(["Wiki/Start, with a key of 8 characters", '{"path":"/x"}']);
  });

  it("Wrangler's settings name what the page builds", () => {
    const wrangler = JSON.parse(files["wrangler.jsonc"].replace(/^\s*\/\/.*$/gm, "")) as {
      main: string;
      build: { command: string };
    };
    expect(wrangler.build.command).toContain(`--out ${wrangler.main}`);
    const page = readFileSync(join(ROOT, "docs/workers.md"), "utf8");
    expect(page).toContain(`\n${wrangler.build.command}\n`);
  });
});
