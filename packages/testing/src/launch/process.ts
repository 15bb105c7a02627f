import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import process from "node:process";

/** A server in a process of its own. */
export interface Launched {
  /** The line of JSON in which it said where it listens. */
  readonly line: Record<string, unknown>;
  readonly pid: number;
  /** All that it printed, that line left out. */
  output(): string;
  /** Whether it is still running. */
  alive(): boolean;
  /** Ends it, by force when it does not go; resolves when it has gone. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcessWithoutNullStreams>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Milliseconds that a server has to print where it listens. */
const START = 20_000;
/** Milliseconds that a server has to end by itself. */
const END = 3_000;

/** The line in which `launch.mjs` or workerd says where it listens, and what is in it: an app may print JSON of its own. */
function listening(printed: string): [text: string, line: Record<string, unknown>] | undefined {
  for (const [text] of printed.matchAll(/^\{.*"listen".*\}$/gm)) {
    try {
      const line = JSON.parse(text) as Record<string, unknown>;
      if (line.event === "listen") return [text, line];
    } catch {
      // an object as console.log shows it, or a line that has not come whole
    }
  }
  return undefined;
}

/**
 * Starts a program and waits for the line of JSON in which it says where it listens.
 *
 * @throws (rejects) Error with all that it printed when it ends or stays silent instead
 */
export function launch(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Launched> {
  const child = spawn(file, args, { stdio: "pipe", env });
  running.add(child);
  let printed = "";
  let line: Record<string, unknown> | undefined;
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  void gone.then(() => running.delete(child));
  child.stdin.on("error", () => {}); // it may be gone already
  const stop = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), END);
    await gone;
    clearTimeout(timer);
  };
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`${file} ${why}; it printed: ${printed}`));
    };
    const timer = setTimeout(() => fail(`did not listen within ${START} ms`), START);
    child.once("error", (error) => fail(`could not be started (${error.message})`));
    child.once("close", (code) => {
      if (line === undefined) fail(`ended with status ${String(code)} before it listened`);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      if (line !== undefined) return;
      const found = listening(printed);
      if (found === undefined) return;
      line = found[1];
      printed = printed.replace(found[0], "").trim();
      clearTimeout(timer);
      resolve({
        line,
        pid: child.pid as number,
        output: () => printed,
        alive: () => child.exitCode === null && child.signalCode === null,
        stop,
      });
    });
  });
}
