import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { RuntimeName } from "../../../tools/runtimes.mjs";

const START = fileURLToPath(new URL("../start.mjs", import.meta.url));

/** What `npm start` runs, as a process of its own: the built example must be there. */
export interface Started {
  readonly url: string;
  /** Everything on standard output so far. */
  output(): string;
  /** Resolves when standard output has a match. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal and resolves with the exit status. */
  end(signal?: "SIGINT" | "SIGTERM"): Promise<number | null>;
}

export async function start(runtime: RuntimeName, env: Record<string, string> = {}): Promise<Started> {
  const child = spawn(process.execPath, [START, "--runtime", runtime, "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  let errors = "";
  const listeners = new Set<() => void>();
  child.stdout.on("data", (chunk) => {
    output += chunk;
    for (const listener of listeners) listener();
  });
  child.stderr.on("data", (chunk) => (errors += chunk));
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  const says = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(output);
        if (match === null) return;
        listeners.delete(look);
        clearTimeout(late);
        resolve(match);
      };
      const late = setTimeout(() => {
        listeners.delete(look);
        reject(new Error(`${runtime} never said ${pattern}: ${output}${errors}`));
      }, 10_000);
      listeners.add(look);
      look();
    });
  const end = (signal: "SIGINT" | "SIGTERM" = "SIGTERM"): Promise<number | null> => {
    child.kill(signal);
    return exited;
  };
  try {
    const [, url] = await says(/at (http:\/\/127\.0\.0\.1:[0-9]+)\//);
    return { url, output: () => output, says, end };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** Runs the starter to its end. */
export function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [START, ...args], { stdio: ["ignore", "pipe", "pipe"], timeout: 15_000 });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
