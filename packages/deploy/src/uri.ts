import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError, type Place } from "./error.ts";
import { quote } from "./quote.ts";
import { stripEnd } from "./whitespace.ts";

// `scheme:path#name`, and the paths in it.

/** The schemes of a URI. */
export const SCHEMES = ["config", "npm", "egg", "call", "jsr", "file"] as const;

export type Scheme = (typeof SCHEMES)[number];

/** A URI in its parts. */
export interface Uri {
  readonly scheme: Scheme;
  readonly path: string;
  /** What stands after the `#`. */
  readonly name: string | undefined;
  readonly written: string;
}

/** Whether a name in a file is a URI and not the name of a section. */
export function isUri(text: string): boolean {
  const scheme = schemeOf(text);
  return scheme !== undefined && (SCHEMES as readonly string[]).includes(scheme);
}

function schemeOf(text: string): string | undefined {
  return /^([a-z]+):/i.exec(text)?.[1].toLowerCase();
}

/** @throws ConfigError (lookup) for a text without a scheme, and for a scheme that is not known */
export function parseUri(written: string, place: Place = {}): Uri {
  const hash = written.indexOf("#");
  const bare = hash < 0 ? written : written.slice(0, hash);
  const name = hash < 0 ? undefined : written.slice(hash + 1);
  const colon = bare.indexOf(":");
  if (colon < 0)
    throw new ConfigError("lookup", `URI has no scheme: ${quote(bare)}; a file is written 'config:PATH'`, place);
  const scheme = bare.slice(0, colon).toLowerCase();
  const known = SCHEMES.find((each) => each === scheme);
  if (known === undefined)
    throw new ConfigError("lookup", `URI scheme not known: ${quote(scheme)} (from ${SCHEMES.join(", ")})`, place);
  return { scheme: known, path: bare.slice(colon + 1), name, written };
}

/**
 * The file of a `config:` URI: a path with `/` or `\`, percent-decoded, absolute or in `folder`; white space at its end is
 * no part of it.
 *
 * @throws ConfigError (value) for a relative path without a folder: the working directory is whoever's starts the process
 */
export function configPath(uri: Uri, folder: string | undefined, place: Place = {}): string {
  // no file is meant to end in white space: 'config:app.ini #main'
  const path = stripEnd(percentDecode(slashes(uri.path))).replace(/^\/\/(?=\/)/, "");
  if (isAbsolute(path)) return resolve(path);
  if (folder === undefined)
    throw new ConfigError(
      "value",
      `Cannot resolve relative uri ${quote(uri.written)}; no relativeTo (relative_to) given: the folder it starts from`,
      place,
    );
  return resolve(folder, path);
}

/** The file of a `file:` URI: a URL, or a path in `folder`. */
export function filePath(uri: Uri, folder: string | undefined, place: Place = {}): string {
  if (uri.path.startsWith("//")) {
    try {
      return fileURLToPath(`file:${uri.path}`);
    } catch (error) {
      throw new ConfigError("value", `${quote(uri.written)} names no file`, place, { cause: error });
    }
  }
  return configPath(uri, folder, place);
}

/** Windows' separator counts too, as in the original: the same file is read on every system. */
export function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}

/** As Python's unquote: UTF-8, and what is no escape stays. */
function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    new TextDecoder().decode(Uint8Array.from(escapes.slice(1).split("%"), (hex) => Number.parseInt(hex, 16))),
  );
}

/**
 * The folder that `relativeTo` names: a path is that folder; a URL is resolved as browsers do, so that `import.meta.url`
 * gives the module's folder, and a folder's URL ends in a slash.
 *
 * @throws ConfigError (value) for a URL of another scheme than file:
 */
export function folderOf(relativeTo: string | URL | undefined): string | undefined {
  if (relativeTo === undefined) return undefined;
  const text = String(relativeTo);
  if (!/^[a-z][a-z0-9+.-]+:/i.test(text)) return resolve(text);
  if (!URL.canParse(text) || new URL(text).protocol !== "file:")
    throw new ConfigError("value", `relativeTo ${quote(text)} is neither a path nor a file: URL`);
  return resolve(fileURLToPath(new URL(".", text)));
}
