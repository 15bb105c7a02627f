import { statSync } from "node:fs";
import { basename, dirname, extname, resolve, sep } from "node:path";
import { watch, type FSWatcher } from "chokidar";
import picomatch from "picomatch";

// Which files count under --reload: those that were read, the code beside them, and what `watch_files` says.

/** What is watched. */
export interface Watched {
  /** Files that were read: INI files, .env files, modules. */
  readonly files: readonly string[];
  /** Globs of `watch_files`, absolute. */
  readonly globs: readonly string[];
  /** Globs of `ignore_files`, absolute or of a bare name. */
  readonly ignore: readonly string[];
}

/**
 * What a change of counts as a change of the program. Which modules an import leads to no runtime but Bun says of ES
 * modules, so that all the code in the folders of the files that are known counts.
 */
const CODE = new Set([".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".ini"]);

/** Folders that hold no code of the user's own. */
const FOREIGN = new Set(["node_modules", "dist", "coverage"]);

/** Milliseconds in which several changes are one: an editor writes several files, a checkout hundreds. */
const SETTLE = 100;

/**
 * Watches, and calls back once for changes that come together.
 *
 * @returns what ends it, once it watches
 */
export async function watching(
  watched: Watched,
  changed: (files: readonly string[]) => void,
): Promise<() => Promise<void>> {
  const counts = matcherOf(watched);
  const roots = rootsOf(watched);
  // an app of the command line, or of a package: chokidar would never be ready
  if (roots.length === 0) return async () => {};
  const found = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watcher: FSWatcher = watch(roots, {
    ignoreInitial: true,
    // the folders of foreign code are not entered, however many files they have
    ignored: (path, stats) => (stats?.isFile() === true ? !counts(path) : !roots.includes(path) && isForeign(path)),
  });
  const settled = (): void => {
    clearTimeout(timer);
    const files = [...found];
    found.clear();
    if (files.length > 0) changed(files);
  };
  watcher.on("all", (event, path) => {
    if (event === "addDir" || event === "unlinkDir" || !counts(path)) return;
    found.add(path);
    clearTimeout(timer);
    timer = setTimeout(settled, SETTLE);
  });
  watcher.on("error", () => {}); // a folder that may not be read; what can be watched is
  await new Promise<void>((resolve) => watcher.once("ready", () => resolve()));
  return async () => {
    // what has been seen is not forgotten when another watcher takes over
    settled();
    await watcher.close();
  };
}

function isForeign(path: string): boolean {
  const name = basename(path);
  // a name that was removed may have been a file: what counts is asked again
  return FOREIGN.has(name) || (name.startsWith(".") && isFolder(path));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Whether a change of a file counts. */
export function matcherOf({ files, globs, ignore }: Watched): (path: string) => boolean {
  const known = new Set(files.map((file) => resolve(file)));
  const folders = foldersOf(files);
  const wanted = picomatch(globs.map(slashes), { dot: true });
  const unwanted = picomatch(ignore.map(slashes), { dot: true, matchBase: true, basename: true });
  return (path) => {
    if (known.has(path)) return true;
    const slashed = slashes(path);
    if (ignore.length > 0 && unwanted(slashed)) return false;
    if (globs.length > 0 && wanted(slashed)) return true;
    const folder = folders.find((each) => path.startsWith(each + sep));
    if (folder === undefined || !CODE.has(extname(path))) return false;
    return !path
      .slice(folder.length + 1)
      .split(sep)
      .some((name) => FOREIGN.has(name) || name.startsWith("."));
  };
}

/** picomatch knows forward slashes only. */
function slashes(path: string): string {
  return sep === "\\" ? path.replaceAll("\\", "/") : path;
}

function foldersOf(files: readonly string[]): string[] {
  return [...new Set(files.map((file) => dirname(resolve(file))))].filter(
    (folder) => !folder.includes(`${sep}node_modules`),
  );
}

/** The files, the folders whose code counts, and the folders that the globs begin with. */
function rootsOf({ files, globs }: Watched): string[] {
  const bases = globs.map((glob) => picomatch.scan(slashes(glob)).base);
  return [...new Set([...files.map((file) => resolve(file)), ...foldersOf(files), ...bases.filter(exists)])];
}

function exists(path: string): boolean {
  try {
    return statSync(path) !== undefined;
  } catch {
    return false;
  }
}
