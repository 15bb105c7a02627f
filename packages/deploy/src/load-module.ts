import { isBuiltin } from "node:module";
import process from "node:process";
import { projectImports } from "./deno.ts";
import { findPackage, packageNameOf } from "./packages.ts";
import { quote } from "./quote.ts";
import { resolveImport } from "./resolve-import.ts";

// Imports what a file names as a module in that file's folder would: by the runtime itself where it can, else by jiti.

/** A module's exports. */
export type Exports = Readonly<Record<string, unknown>>;

/** Where a line about how something was loaded goes. */
export type Log = (line: string) => void;

/**
 * @param specifier a `file:` URL, a package or a module of it, `node:…`, on Deno whatever its import map knows
 * @param base the folder that a package's name is looked up from
 * @param log gets one line when the runtime could not load a module and jiti did
 * @throws (rejects) what the runtime says of a module that is not there, or that fails
 */
export async function importFrom(specifier: string, base: string, log: Log = toErrorLog): Promise<Exports> {
  const target = locate(specifier, base);
  if (!target.startsWith("file:")) return importHere(target);
  // Node 20 has no types to strip, and would only say that it does not know .ts
  const typescript = /\.[cm]?tsx?$/.test(target);
  if (typescript && !stripsTypes()) return importByJiti(target);
  try {
    return (await import(/* @vite-ignore */ target)) as Exports;
  } catch (error) {
    if (!isLoadingError(error, typescript)) throw error;
    let loaded: Exports;
    try {
      loaded = await importByJiti(target);
    } catch {
      // the runtime's own account is about the code as it stands
      throw error;
    }
    log(`${target}: loaded by jiti, since this runtime does not load it itself: ${firstLine(error)}`);
    return loaded;
  }
}

function stripsTypes(): boolean {
  if ("Bun" in globalThis || "Deno" in globalThis) return true;
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

const UNLOADABLE = new Set([
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
  "ERR_INVALID_TYPESCRIPT_SYNTAX",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
]);
// bundlers find `./page` and `./page.js` beside page.ts; a runtime does not
const UNRESOLVED = new Set(["ERR_MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT"]);

/** Whether a module could not be read, as opposed to: was read, ran, and failed. */
function isLoadingError(error: unknown, typescript: boolean): boolean {
  const code = (error as { code?: unknown } | null)?.code as string;
  return UNLOADABLE.has(code) || (typescript && UNRESOLVED.has(code));
}

function firstLine(error: unknown): string {
  return String((error as Error).message).split("\n", 1)[0];
}

function toErrorLog(line: string): void {
  console.error(line);
}

async function importByJiti(target: string): Promise<Exports> {
  const { createJiti } = await import("jiti");
  return createJiti(target, { interopDefault: false, jsx: true }).import<Exports>(target);
}

/** The URL that a specifier means in a folder. */
function locate(specifier: string, base: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(specifier)) return specifier;
  const name = packageNameOf(specifier);
  const found = name === undefined ? undefined : findPackage(name, base);
  if (found === undefined) return specifier;
  return resolveImport(specifier, found, conditions());
}

function conditions(): string[] {
  const own = "Bun" in globalThis ? ["bun"] : "Deno" in globalThis ? ["deno"] : [];
  return [...own, "node", "import", "module-sync", "default"];
}

/** What no package of node_modules is: a module of the runtime, or what Deno's import map knows. */
async function importHere(specifier: string): Promise<Exports> {
  if ("Deno" in globalThis) return (await projectImports()).load(specifier);
  if (!isBuiltin(specifier) && !specifier.includes(":"))
    throw Object.assign(
      new Error(`No module named ${quote(specifier)}: neither a package nor a file beside the configuration`),
      {
        code: "ERR_MODULE_NOT_FOUND",
      },
    );
  return (await import(/* @vite-ignore */ specifier)) as Exports;
}
