import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { command, type RuntimeName } from "../../../tools/runtimes.mjs";

// The built command as a user has it: a process of its own, on each runtime.

// none outlives the tests, not even those of a test that took too long
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export const RUNTIMES = ["node", "bun", "deno"] as const satisfies readonly RuntimeName[];
export type Runtime = (typeof RUNTIMES)[number];

/** The command's file. */
export const ENTRY: string = fileURLToPath(new URL("../dist/command.js", import.meta.url));
const SCRATCH = fileURLToPath(new URL("scratch/", import.meta.url));

/** A folder with files in it. Deno finds packages only from inside the workspace, so it is here. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(SCRATCH, { recursive: true });
  const folder = await mkdtemp(join(SCRATCH, "it-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

export interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** What a command that has ended said. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command to its end. */
export async function run(runtime: Runtime, args: readonly string[], options: Options = {}): Promise<Ran> {
  return ended(launch(runtime, args, options), options.input);
}

/** What a program says until it ends. */
export async function ended(started: Process, input = ""): Promise<Ran> {
  started.child.stdin?.end(input);
  const code = await started.exited;
  return { code, out: started.out(), err: started.err() };
}

/** A command that goes on. */
export interface Process {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  out(): string;
  err(): string;
  /** Waits until it has said something. */
  says(what: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the command. */
export function launch(runtime: Runtime, args: readonly string[], options: Options = {}): Process {
  return start(command(runtime, ENTRY, ...args), options);
}

/** Starts a program. */
export function start(line: ReturnType<typeof command>, { cwd, env }: Options = {}): Process {
  const child = spawn(line.file, line.args, { cwd, env: { ...line.env, NO_COLOR: "1", ...env }, stdio: "pipe" });
  running.add(child);
  let out = "";
  let err = "";
  const waiting = new Set<() => void>();
  const look = (): void => waiting.forEach((each) => each());
  child.stdout.setEncoding("utf8").on("data", (text: string) => ((out += text), look()));
  child.stderr.setEncoding("utf8").on("data", (text: string) => ((err += text), look()));
  child.stdin.on("error", () => {}); // it may not read what it is given
  let over = false;
  const exited = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  void exited.then(() => ((over = true), running.delete(child), look()));
  const says = (what: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = what.exec(out) ?? what.exec(err);
        if (found === null && !over) return;
        waiting.delete(check);
        if (found !== null) resolve(found);
        else reject(new Error(`it ended and did not say ${String(what)}; it said: ${out}${err}`));
      };
      waiting.add(check);
      check();
    });
  return {
    child,
    exited,
    out: () => out,
    err: () => err,
    says,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 5000);
      await exited;
      clearTimeout(late);
    },
  };
}

/** Starts `tsgi serve …`, and waits until it listens. */
export async function serving(
  runtime: Runtime,
  args: readonly string[],
  options: Options = {},
): Promise<Process & { url: string }> {
  const started = launch(runtime, args, options);
  try {
    const [, url] = await started.says(/(?:serves|at) (https?:\S+?)\/(?: |$)/m);
    return { ...started, url };
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}

/** An app in JavaScript, which Node 20 reads as it stands, and the file that composes it. */
export const HELLO = {
  "app.mjs": `export const makeHello = (globalConf, { greeting = "Hello" }) => (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [greeting + " " + environ["tsgi.runtime"] + " " + environ.SCRIPT_NAME + "|" + environ.PATH_INFO];
};
export const hello = makeHello({}, {});
export default hello;
`,
  "app.ini": `[composite:main]
use = urlmap
/ = home
/wiki = wiki

[app:home]
use = ./app.mjs:makeHello
greeting = Welcome

[app:wiki]
tsgi.app = ./app.mjs:hello

[server:main]
use = tsgi
port = 0
`,
};
