import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

/** What a path names below the root. */
export type Found =
  | { readonly kind: "file"; readonly path: string; readonly stats: Stats }
  | { readonly kind: "directory"; readonly path: string; readonly stats: Stats }
  | Unfound;

/** Why a path names nothing that can be sent. */
export interface Unfound {
  readonly kind: "none" | "forbidden";
}

const NONE: Unfound = { kind: "none" };

/** What a file system says of a name that it does not have, or cannot have. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "EINVAL", "ERR_INVALID_ARG_VALUE"]);

/**
 * The segments of a PATH_INFO, `undefined` for a path that no file may have: one that climbs, with an encoded slash, a
 * NUL, a backslash or an empty segment inside, or that begins with a dot when such files are hidden.
 */
export function segmentsOf(path: string, dotFiles: boolean): string[] | undefined {
  if (!path.startsWith("/")) return undefined;
  const segments = path.slice(1).split("/");
  // the slash at the end says that a directory is meant
  if (segments.at(-1) === "") segments.pop();
  return segments.every((segment) => isName(segment, dotFiles)) ? segments : undefined;
}

// PATH_INFO keeps an encoded slash as %2F; in a name it would be another file for whoever decodes twice
const NO_NAME = /^(?:\.\.?)?$|[\0\\]|%(?:25)*2[Ff]/;

function isName(segment: string, dotFiles: boolean): boolean {
  if (NO_NAME.test(segment) || (!dotFiles && segment.startsWith("."))) return false;
  // Windows: a drive, or another stream of a file
  return sep === "/" || !segment.includes(":");
}

/**
 * What stands at a path below a root, links followed; what a link leads out of the root to is not found.
 *
 * @param root a real path
 * @throws (rejects) the system's error when it fails for another reason than the name
 */
export async function find(root: string, segments: readonly string[]): Promise<Found> {
  try {
    const path = await realpath(join(root, ...segments));
    if (path !== root && !path.startsWith(root.endsWith(sep) ? root : root + sep)) return NONE;
    const stats = await stat(path);
    // a pipe or a device would be waited for
    if (stats.isFile()) return { kind: "file", path, stats };
    return stats.isDirectory() ? { kind: "directory", path, stats } : NONE;
  } catch (error) {
    return unfound(error);
  }
}

/**
 * What a file system's error says of a path.
 *
 * @throws the error itself when it is of another reason than the name
 */
export function unfound(error: unknown): Unfound {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && ABSENT.has(code)) return NONE;
  if (code === "EACCES" || code === "EPERM") return { kind: "forbidden" };
  throw error;
}
