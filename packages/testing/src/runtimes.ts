import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { entryOf, findBun, findDeno, findNode, findWorkerd } from "./launch/find.ts";
import { launch, type Launched } from "./launch/process.ts";
import { bundleWorker } from "./launch/workerd.ts";

/** An app that is being served. */
export interface Started {
  readonly url: string;
  /** The real server's process, or its guard's (workerd). */
  readonly pid: number;
  /** What the process printed. */
  output(): string;
  /** Whether the process still runs. */
  alive(): boolean;
  /** Ends the process; resolves when it has gone. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface StartOptions {
  /** Options for `serve`, or for `toWorker` on workerd: plain data, since they travel to another process. */
  options?: object;
  /** Variables of the process; text bindings on workerd. */
  env?: Readonly<Record<string, string>>;
}

/** A JavaScript runtime on this machine. */
export interface RuntimeLauncher {
  readonly name: "node" | "bun" | "deno" | "workerd";
  /** Its program. */
  readonly binary: string;
  /**
   * Serves an app module on a free port of 127.0.0.1, in a process of its own. The process ends with `stop()` or with
   * this one, whichever comes first.
   *
   * @param appModule path or URL of a module whose default export is the app; a named export `options` goes to the adapter
   * @throws (rejects) Error with what the process printed when it does not come to listen, and when the runtime's
   *   adapter is not installed
   */
  start(appModule: string | URL, options?: StartOptions): Promise<Started>;
}

const LAUNCH = fileURLToPath(new URL("../launch.mjs", import.meta.url));

/**
 * The runtimes that are installed: Node, Bun, Deno and workerd, in this order. Bun, Deno and workerd are found as npm
 * packages or on the PATH.
 *
 * @param options `node` names another Node binary
 * @example for (const runtime of runtimes()) {
 *   await using server = await runtime.start("./app.js");
 *   await fetch(server.url);
 * }
 */
export function runtimes(options: { node?: string } = {}): RuntimeLauncher[] {
  const all: (RuntimeLauncher | undefined)[] = [
    make("node", options.node ?? findNode(), (binary, app, given) => serve(binary, [], "@tsgi/node", app, given, {})),
    make("bun", findBun(), (binary, app, given) => serve(binary, [], "@tsgi/bun", app, given, {})),
    make("deno", findDeno(), startDeno),
    make("workerd", findWorkerd(), startWorkerd),
  ];
  return all.filter((runtime) => runtime !== undefined);
}

type Start = (binary: string, app: string, given: StartOptions) => Promise<Started>;

function make(name: RuntimeLauncher["name"], binary: string | undefined, start: Start): RuntimeLauncher | undefined {
  if (binary === undefined) return undefined;
  return { name, binary, start: (app, given = {}) => start(binary, urlOf(app), given) };
}

function urlOf(module: string | URL): string {
  if (module instanceof URL) return module.href;
  return module.startsWith("file:") ? module : pathToFileURL(resolve(module)).href;
}

async function serve(
  binary: string,
  flags: readonly string[],
  adapter: string,
  app: string,
  given: StartOptions,
  env: NodeJS.ProcessEnv,
): Promise<Started> {
  const found = entryOf(fileURLToPath(app), adapter);
  if (found === undefined) throw new Error(`install ${adapter} to run apps there`);
  const args = [...flags, LAUNCH, "serve", pathToFileURL(found).href, app, JSON.stringify(given.options ?? {})];
  const launched = await launch(binary, args, { ...process.env, ...env, ...given.env });
  return started(launched, String(launched.line.url), () => Promise.resolve());
}

async function startDeno(binary: string, app: string, given: StartOptions): Promise<Started> {
  // a cache of its own: nothing is looked up, written to a lock file or fetched
  const cache = await mkdtemp(join(tmpdir(), "tsgi-deno-"));
  const remove = (): Promise<void> => rm(cache, { recursive: true, force: true });
  const flags = ["run", "-A", "--no-lock", "--cached-only"];
  try {
    const server = await serve(binary, flags, "@tsgi/deno", app, given, {
      DENO_DIR: cache,
      DENO_NO_UPDATE_CHECK: "1",
    });
    return { ...server, ...ending(server.stop, remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function startWorkerd(binary: string, app: string, given: StartOptions): Promise<Started> {
  const bundle = await bundleWorker(app, given.options ?? {}, given.env ?? {});
  try {
    // workerd cannot watch its parent: a guard does, and ends it
    const node = findNode() ?? process.execPath;
    const args = [LAUNCH, "guard", binary, "serve", bundle.config, "--control-fd=1"];
    const launched = await launch(node, args, process.env);
    return started(launched, `http://127.0.0.1:${String(launched.line.port)}`, bundle.remove);
  } catch (error) {
    await bundle.remove();
    throw error;
  }
}

function started(launched: Launched, url: string, after: () => Promise<void>): Started {
  return { url, pid: launched.pid, output: launched.output, alive: launched.alive, ...ending(launched.stop, after) };
}

function ending(
  stop: () => Promise<void>,
  after: () => Promise<void>,
): { stop(): Promise<void>; [Symbol.asyncDispose](): Promise<void> } {
  const end = async (): Promise<void> => {
    await stop();
    await after();
  };
  return { stop: end, [Symbol.asyncDispose]: end };
}
