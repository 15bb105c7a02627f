import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tools/runtimes.mjs";

// The code blocks of the documentation. Comments of the page right before a block say what it is:
//
//   <!-- file: app.ts -->          its name: other blocks of the page import it
//   <!-- run -->                   is run by Node, and prints the ```text block that follows it
//   <!-- run: bun -->              the same on another runtime; ```sh is the command `tsgi`, among the page's files
//   <!-- serves: node -->          is started and asked for /wiki/Start; the page says with `answers: TEXT` what comes
//                                  an ```ini block is served by the command, among the page's files
//   <!-- problems: 1 error, … -->  what `tsgi check` finds in an ```ini block; without this mark it must find nothing
//   <!-- types: workers -->        is compiled with the types of Workers instead of the DOM's
//   <!-- with: declare … -->       code that the reader has to imagine before it; of ```ini and ```sh the environment,
//                                  with: NAME=value NAME=value
//   <!-- picture -->               a ```text block that is no output
//   <!-- unchecked: REASON -->     cannot be checked, and why

/** A fenced block and what its page says about it. */
export interface Block {
  readonly page: string;
  /** The line of the page on which the code begins, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  readonly marks: ReadonlyMap<string, string>;
  /** The block that stands next on the page. */
  next: Block | undefined;
}

const MARKS = new Set(["file", "run", "serves", "answers", "problems", "types", "with", "picture", "unchecked"]);

/** Every page whose blocks are checked. */
export function pages(): string[] {
  const readmes = ["packages", "examples"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}/README.md`),
  );
  const all = [...markdownIn("."), ...markdownIn("docs"), ...readmes.filter((page) => existsSync(join(ROOT, page)))];
  return all.sort();
}

function markdownIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".md"));
  return names.map((name) => (folder === "." ? name : `${folder}/${name}`));
}

/** The blocks of a page in their order. @throws Error for a fence that is not closed, or a mark that is unknown */
export function blocksOf(page: string): Block[] {
  const lines = readFileSync(join(ROOT, page), "utf8").split("\n");
  const blocks: Block[] = [];
  let marks = new Map<string, string>();
  for (let i = 0; i < lines.length; i++) {
    const mark = /^<!-- ([a-z]+)(?:: (.*))? -->$/.exec(lines[i]);
    const fence = /^( *)(```+)(\w*)$/.exec(lines[i]);
    if (mark !== null && MARKS.has(mark[1])) marks.set(mark[1], mark[2] ?? "");
    else if (fence !== null) {
      const [, indent, ticks, language] = fence;
      const end = lines.indexOf(indent + ticks, i + 1);
      if (end < 0) throw new Error(`${page}:${i + 1}: the block is not closed`);
      const code = lines
        .slice(i + 1, end)
        .map((line) => line.slice(indent.length))
        .join("\n");
      const block: Block = { page, line: i + 2, language, code: `${code}\n`, marks, next: undefined };
      if (blocks.length > 0) blocks[blocks.length - 1].next = block;
      blocks.push(block);
      marks = new Map();
      i = end;
    } else if (lines[i].trim() !== "" && marks.size > 0)
      throw new Error(`${page}:${i + 1}: a mark stands before ${JSON.stringify(lines[i])} and not before a block`);
  }
  return blocks;
}

/** Where a block stands, as editors and tsc write it. */
export function placeOf(block: Block): string {
  return `${block.page}:${block.line}`;
}
