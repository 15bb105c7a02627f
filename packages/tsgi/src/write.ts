import { existsSync, realpathSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Failure, UsageError } from "./failure.ts";
import { shown } from "./terminal.ts";

/**
 * Writes a file, and makes the folders that it is to stand in.
 *
 * @throws (rejects) Failure when that cannot be
 */
export async function write(file: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(file));
    await writeFile(file, text);
  } catch (cause) {
    throw new Failure(`cannot write ${shown(file)}: ${reasonOf(cause as NodeJS.ErrnoException)}`);
  }
}

/**
 * Refuses a file that what is to be written is made from: the user's only copy may be it.
 *
 * @param option what names the file, `--out app.ini`
 * @param done what happens to those files, `compiled`
 * @throws UsageError
 */
export function checkSource(file: string, sources: readonly string[], option: string, done: string): void {
  if (existsSync(file) && sources.some((source) => existsSync(source) && realpathSync(source) === realpathSync(file)))
    throw new UsageError(`${option} would overwrite ${shown(resolve(file))}, which is ${done}; name another file`);
}

/**
 * One by one: `recursive` never comes back on Node where a folder is there and nothing can be made in it, as in /proc,
 * which says that it does not exist.
 */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if ((await stat(folder).catch(() => undefined))?.isDirectory() === true) return;
    if (code !== "ENOENT" || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder);
  }
}

function reasonOf({ code, message, path }: NodeJS.ErrnoException): string {
  const where = path === undefined ? "it" : shown(path);
  switch (code) {
    case "EISDIR":
      return "it is a folder, and a file was expected";
    case "EEXIST":
    case "ENOTDIR":
      return `${where} is a file, and a folder was expected`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${where} may not be written`;
    case "ENOENT":
      return `${where} cannot be made there`;
    default:
      return message;
  }
}
