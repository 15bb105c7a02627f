import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { running } from "./runtime.ts";

// Where in the user's code an error came from, as a path that a terminal can jump to: `/home/me/app.ts:3:10`.

/**
 * @param error any error
 * @param whole the error that is being reported, of which it is a cause
 */
export async function placeOf(error: unknown, whole: unknown): Promise<string | undefined> {
  const { position, stack } = error as { position?: Position | null; stack?: unknown };
  // Bun's errors of syntax have it beside the stack
  if (position?.file !== undefined) return `${position.file}:${position.line}:${position.column}`;
  const found = typeof stack === "string" ? firstOf(stack) : undefined;
  if (found !== undefined) return found;
  const at = (whole as { at?: { file?: string } | null }).at?.file;
  return error instanceof SyntaxError && running() === "node" && at !== undefined ? unreadable(dirname(at)) : undefined;
}

interface Position {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** The first line of a stack that is in the user's files. */
function firstOf(stack: string): string | undefined {
  const frames = /^\s+at (?:.*\()?((?:file:\/\/|\/|[A-Z]:\\)[^()\n]*?:[0-9]+(?::[0-9]+)?)\)?$/gm;
  for (const [, place] of stack.matchAll(frames))
    if (!place.includes("node_modules") && !place.includes(OWN)) return pathOf(place);
  return undefined;
}

/** Where the command itself lies. */
const OWN = fileURLToPath(new URL(".", import.meta.url));

function pathOf(place: string): string {
  const [, url, at] = /^(.*?)((?::[0-9]+){1,2})$/.exec(place) ?? [];
  if (url === undefined || !url.startsWith("file:")) return place;
  return `${fileURLToPath(url.replace(/\?.*$/, ""))}${at}`;
}

/** Files that are asked: the one with the mistake is among those that were written last. */
const ASKED = 8;

/**
 * Node tells nobody but its own error output in which file a module's syntax is wrong, so the files are checked one by
 * one, those that were changed last first.
 */
async function unreadable(folder: string): Promise<string | undefined> {
  for (const file of newest(folder)) {
    try {
      await promisify(execFile)(process.execPath, ["--check", file], { timeout: 5000 });
    } catch (error) {
      const said = String((error as { stderr?: unknown }).stderr);
      const [, place] = /^(\S.*:[0-9]+)$/m.exec(said) ?? [];
      const column = /^( *)\^+\s*$/m.exec(said)?.[1].length;
      if (place !== undefined) return column === undefined ? place : `${place}:${column + 1}`;
    }
  }
  return undefined;
}

function newest(folder: string): string[] {
  const files = readdirSync(folder, { recursive: false, encoding: "utf8" })
    .filter((name) => [".js", ".mjs", ".cjs"].includes(extname(name)))
    .map((name) => join(folder, name));
  return files
    .map((file) => ({ file, changed: statSync(file).mtimeMs }))
    .sort((one, other) => other.changed - one.changed)
    .slice(0, ASKED)
    .map(({ file }) => file);
}
