import { existsSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { UsageError } from "./failure.ts";
import { shown } from "./terminal.ts";

/** What the first argument of a command names. */
export type Target = ConfigTarget | ModuleTarget;

/** Something for the loader. */
export interface ConfigTarget {
  readonly kind: "config";
  /** As the loader takes it, `config:/srv/wiki/app.ini#v1`. */
  readonly uri: string;
  /** The file; `undefined` for a URI that names none, `npm:@acme/wiki#main`. */
  readonly file: string | undefined;
}

/** A module that has an app. */
export interface ModuleTarget {
  readonly kind: "module";
  readonly file: string;
  /** `default`, or a path, `apps.hello`. */
  readonly attribute: string;
}

const CODE = new Set([".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"]);

/**
 * What a person wrote: `app.ini`, `app.ini#name`, `config:app.ini`, `npm:package#name`, `app.ts`, `app.ts:attribute`.
 * Paths start from the working directory, as a shell's do.
 *
 * @throws UsageError for a file that is not there
 */
export function targetOf(text: string): Target {
  const scheme = /^([a-z][a-z]+):/i.exec(text)?.[1].toLowerCase();
  if (scheme === "config") return config(text.slice("config:".length));
  if (scheme === "file") return configOrModule(fileURLToPath(text));
  if (scheme !== undefined && ["npm", "egg", "call", "jsr"].includes(scheme))
    return { kind: "config", uri: text, file: undefined };
  return configOrModule(text);
}

function configOrModule(text: string): Target {
  const [path] = text.split("#", 1);
  if (CODE.has(extname(path)) && !text.includes("#"))
    return { kind: "module", file: existing(path), attribute: "default" };
  const colon = text.lastIndexOf(":");
  if (colon > 0 && CODE.has(extname(text.slice(0, colon))))
    return { kind: "module", file: existing(text.slice(0, colon)), attribute: text.slice(colon + 1) };
  return config(text);
}

function config(text: string): Target {
  const hash = text.indexOf("#");
  const file = existing(hash === -1 ? text : text.slice(0, hash));
  // the loader decodes the path of a URI
  const uri = `config:${file.replaceAll("%", "%25").replaceAll("#", "%23")}`;
  return { kind: "config", uri: hash === -1 ? uri : uri + text.slice(hash), file };
}

function existing(path: string): string {
  const file = resolve(path);
  if (!existsSync(file)) throw new UsageError(`${shown(file)}: there is no such file`);
  if (statSync(file).isDirectory())
    throw new UsageError(`${shown(file)} is a folder; name an INI file or a module in it`);
  return file;
}

/** The folder that a target stands in, which its own relative names start from. */
export function folderOf(target: Target): string {
  return target.file === undefined ? process.cwd() : dirname(target.file);
}
