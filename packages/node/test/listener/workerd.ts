import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Serves a bundled worker. The launcher of `@tsgi/testing` gives a Worker few of node's modules; Express asks for more,
 * which workerd has from this date on.
 */
export async function startWorker(binary: string, worker: string): Promise<{ port: number; stop(): Promise<void> }> {
  const config = join(dirname(worker), "config.capnp");
  await writeFile(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed ${JSON.stringify(basename(worker))})],
  compatibilityDate = "2026-10-01",
  compatibilityFlags = ["enable_request_signal"],
);
`,
  );
  const child = spawn(binary, ["serve", config, "--control-fd=3"], { stdio: ["ignore", "ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  let said = "";
  child.stderr?.on("data", (chunk) => (said += String(chunk)));
  const port = await new Promise<number>((resolve, reject) => {
    let events = "";
    child.stdio[3]?.on("data", (chunk) => {
      events += String(chunk);
      const line = /^\{"event":"listen".*\}$/m.exec(events);
      if (line !== null) resolve((JSON.parse(line[0]) as { port: number }).port);
    });
    child.once("exit", () => reject(new Error(`workerd did not start: ${said}`)));
  });
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  return {
    port,
    stop: async () => {
      process.off("exit", end);
      child.kill();
      await exited;
    },
  };
}
