import { spawn, type ChildProcess } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { command, startWorkerd, type RuntimeName } from "../../../tools/runtimes.mjs";

/** The TSGI app, Hono through fromFetch, both by our adapter; Hono on its own adapter; both apps in one urlmap. */
export type What = "app" | "bridged" | "own" | "mounted";

export interface Server {
  readonly url: string;
  stop(): Promise<unknown>;
}

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What the mounted Hono app greets with: a variable of the environment, on workerd a binding. */
const bindings = { GREETING: "Hello from outside" };

/** None of them outlives the tests, however those end. */
const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Starts one of the servers in a process of its own. */
export async function start(runtime: RuntimeName, what: What): Promise<Server> {
  if (runtime === "workers") {
    const { child, port, exited } = await startWorkerd(file(`../src/servers/worker-${what}.ts`), { bindings });
    running.add(child);
    child.stdout?.resume();
    child.stderr?.resume();
    return { url: `http://127.0.0.1:${await port}`, stop: () => end(child, exited) };
  }
  const { file: program, args, env } = command(runtime, file(`../dist/${runtime}.js`), what);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...env, ...bindings } });
  running.add(child);
  const exited = new Promise((resolve) => child.once("close", resolve));
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += String(chunk);
      const found = /at (http:\/\/\S+)/.exec(said);
      if (found !== null) resolve(found[1]);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    void exited.then(() => reject(new Error(`${runtime} ${what} did not start: ${said}`)));
  });
  return { url, stop: () => end(child, exited) };
}

function end(child: ChildProcess, exited: Promise<unknown>): Promise<unknown> {
  child.kill("SIGKILL");
  running.delete(child);
  return exited;
}
