import type { Buffer } from "node:buffer";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { Failure, UsageError } from "./failure.ts";
import { shown } from "./terminal.ts";

/**
 * Puts the variables of `.env` files into the process's environment; what is set there already stays, as with dotenv
 * everywhere. Without `--env-file` it is the `.env` of the folder, if there is one.
 *
 * @param files `--env-file`, later ones winning over earlier ones; `false` reads none
 * @param folder where the INI file or the module stands
 * @throws UsageError for a named file that is not there, Failure for one that cannot be read
 */
export async function loadEnvFiles(files: readonly string[] | false | undefined, folder: string): Promise<string[]> {
  if (files === false) return [];
  const named = files ?? [join(folder, ".env")].filter((file) => existsSync(file));
  if (named.length === 0) return [];
  const { parse } = await import("dotenv");
  const found: Record<string, string> = {};
  for (const name of named) {
    const file = resolve(name);
    if (!existsSync(file)) throw new UsageError(`--env-file ${name}: there is no such file`);
    Object.assign(found, parse(textOf(file)));
  }
  for (const [name, value] of Object.entries(found)) process.env[name] ??= value;
  return named.map((name) => resolve(name));
}

function textOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === "EISDIR" ? "it is a folder, and a file was expected" : message;
    throw new Failure(`${shown(file)} cannot be read for variables: ${reason}`);
  }
}
