import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT, type RuntimeName } from "../tools/runtimes.mjs";
import { blocksOf, pages, placeOf, type Block } from "./blocks.ts";
import { tsgiCommands, uncheckedCommands } from "./commands.ts";
import { Workshop, type Serving } from "./workshop.ts";

// Every code block of the documentation runs, or at least compiles; what cannot be checked says why on its page.

const PAGES = pages();
const BLOCKS = PAGES.flatMap(blocksOf);
const AS_CODE = BLOCKS.filter(({ language, marks }) => language === "ts" && !marks.has("unchecked"));
const AS_FILES = BLOCKS.filter(({ language, marks }) => language === "ini" && !marks.has("unchecked"));
const DOM = { types: ["node"] };
// the sources are compiled for Node and the DOM alone: here it is the built types, as a Worker's author has them
const WORKERS = {
  types: ["@cloudflare/workers-types"],
  lib: ["ES2023", "ESNext.Disposable"],
  customConditions: [],
  skipLibCheck: true,
};

const workshop = new Workshop("run");
const title = (block: Block): string => `${placeOf(block)} ${block.marks.get("file") ?? ""}`.trim();

test("the documentation has its pages, and they have blocks", () => {
  expect(PAGES).toEqual(expect.arrayContaining(["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"]));
  expect(PAGES.filter((page) => page.startsWith("docs/")).length).toBeGreaterThanOrEqual(9);
  expect(AS_CODE.length).toBeGreaterThan(45);
});

test("every block is checked by one of the tests here, or its page says why not", () => {
  const loose = BLOCKS.filter((block) => !isChecked(block));
  expect(loose.map(placeOf)).toEqual([]);
});

function isChecked(block: Block): boolean {
  const { language, marks } = block;
  if (marks.has("unchecked")) return (marks.get("unchecked") ?? "").length > 20;
  if (language === "ts") return true;
  if (language === "ini") return true;
  if (language === "sh") return uncheckedCommands(block, BLOCKS).length === 0;
  if (language === "json" || language === "jsonc") return true;
  if (language === "text") return marks.has("picture") || BLOCKS.some((other) => other.next === block && isRun(other));
  return false;
}

const isRun = (block: Block): boolean => block.marks.has("run");

test.each(BLOCKS.filter(({ language }) => language.startsWith("json")).map((block) => [title(block), block] as const))(
  "%s is JSON",
  (_title, block) => {
    JSON.parse(block.language === "jsonc" ? block.code.replace(/^\s*\/\/.*$/gm, "") : block.code);
  },
);

describe("ts blocks compile", () => {
  const shop = new Workshop("types");
  const ambient = join(ROOT, "docs-tests/ambient.d.ts");
  test.each([
    ["with the DOM's and Node's types", DOM, (block: Block) => block.marks.get("types") !== "workers"],
    ["with the types of Workers", WORKERS, (block: Block) => block.marks.get("types") === "workers"],
  ])(
    "%s",
    async (name, options, belongs) => {
      const blocks = AS_CODE.filter((block) => belongs(block) || block.marks.has("file"));
      const files = blocks.map((block) => ({ file: shop.lay(block), wanted: belongs(block) }));
      lendApp(shop, (file) => files.push({ file, wanted: false }));
      const said = await shop.compile(
        [ambient, ...files.filter(({ wanted }) => wanted).map(({ file }) => file)],
        options,
        name.replaceAll(/\W+/g, "-"),
      );
      expect(said).toBe("");
    },
    60_000,
  );
});

/** Pages that do not define app.ts themselves mean the one of README.md. */
function lendApp(shop: Workshop, laid: (file: string) => void = () => {}): void {
  const app = BLOCKS.find((block) => block.page === "README.md" && block.marks.get("file") === "app.ts");
  if (app === undefined) throw new Error("README.md has no app.ts");
  for (const page of PAGES)
    if (!BLOCKS.some((block) => block.page === page && block.marks.get("file") === "app.ts"))
      laid(shop.lay({ ...app, page }, "app.ts"));
}

describe("blocks that run", () => {
  for (const block of AS_CODE) if (block.marks.has("file")) workshop.layToRun(block);
  lendApp(workshop);

  const runs = AS_CODE.filter(isRun).flatMap((block) =>
    (block.marks.get("run") || "node").split(" ").map((runtime) => [title(block), runtime, block] as const),
  );
  test.each(runs)("%s on %s prints what the page says", async (_title, runtime, block) => {
    const output = await workshop.run(workshop.layToRun(block), runtime as Exclude<RuntimeName, "workers">);
    const expected = block.next?.language === "text" ? block.next.code : "";
    expect(output.replaceAll(/^@listens .*\n/gm, "")).toBe(expected);
    expect(expected, "a block that runs is followed by its output").not.toBe("");
  });

  const serves = AS_CODE.filter(({ marks }) => marks.has("serves"));
  test.each(serves.map((block) => [title(block), block.marks.get("serves") as RuntimeName, block] as const))(
    "%s serves on %s",
    async (_title, runtime, block) => answers(await workshop.serve(workshop.layToRun(block), runtime), block),
  );
});

describe("INI files and the command", () => {
  const shop = new Workshop("files");
  for (const block of BLOCKS) if (block.marks.has("file") || AS_FILES.includes(block)) shop.layAsIs(block);
  lendApp(shop);

  test.each(AS_FILES.map((block) => [title(block), block] as const))(
    "tsgi check says of %s what the page says",
    async (_title, block) => {
      const { text } = await shop.tsgi(block.page, ["check", basename(shop.layAsIs(block))], variablesOf(block));
      const problems = block.marks.get("problems") ?? "0 errors, 0 warnings";
      expect(text).toMatch(
        new RegExp(`^${problems} in [0-9]+ files?\n$`, problems.startsWith("0 errors, 0") ? "" : "m"),
      );
    },
  );

  const runs = BLOCKS.filter((block) => block.language === "sh" && isRun(block));
  test.each(runs.map((block) => [title(block), block] as const))(
    "%s prints what the page says",
    async (_title, block) => {
      let printed = "";
      for (const args of tsgiCommands(block)) printed += (await shop.tsgi(block.page, args, variablesOf(block))).text;
      expect(`${printed.trimEnd()}\n`).toBe(block.next?.language === "text" ? block.next.code : "");
    },
  );

  const serves = AS_FILES.flatMap((block) =>
    (block.marks.get("serves")?.split(" ") ?? []).map((runtime) => [title(block), runtime, block] as const),
  );
  test.each(serves)("%s is served on %s", async (_title, runtime, block) =>
    answers(await shop.serveFile(shop.layAsIs(block), runtime as "node" | "bun", variablesOf(block)), block),
  );
});

/** The environment that `with: NAME=value` gives. */
function variablesOf(block: Block): Record<string, string> {
  const pairs = (block.marks.get("with") ?? "").split(" ").filter((pair) => pair !== "");
  return Object.fromEntries(pairs.map((pair) => [pair.split("=")[0], pair.slice(pair.indexOf("=") + 1)]));
}

async function answers(server: Serving, block: Block): Promise<void> {
  try {
    const answer = await fetch(`${server.url}/wiki/Start`);
    expect(await answer.text()).toBe(block.marks.get("answers"));
  } finally {
    await server.stop();
  }
}

describe("links", () => {
  test.each(PAGES)("%s: each leads to a file and a heading that are there", (page) => {
    const folder = join(ROOT, page, "..");
    const lost: string[] = [];
    for (const [, target] of withoutCode(readFileSync(join(ROOT, page), "utf8")).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(?:https?:|mailto:)/.test(target)) continue;
      const [path, anchor] = target.split("#");
      const file = path === "" ? join(ROOT, page) : join(folder, path);
      if (!existsSync(file)) lost.push(target);
      else if (anchor !== undefined && !headings(file).has(anchor)) lost.push(target);
    }
    expect(lost).toEqual([]);
  });
});

function withoutCode(text: string): string {
  return text.replace(/^```[^]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");
}

/** The anchors that GitHub makes of a page's headings. */
function headings(file: string): Set<string> {
  const text = readFileSync(file, "utf8").replace(/^```[^]*?^```$/gm, "");
  return new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

afterAll(() => {
  expect(AS_CODE.filter(isRun).length).toBeGreaterThan(15);
  expect(AS_FILES.length).toBeGreaterThan(10);
});
