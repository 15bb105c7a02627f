import cluster, { type Worker } from "node:cluster";
import { availableParallelism } from "node:os";
import process from "node:process";
import { CHILD_VARIABLE, onServing } from "./reload/child.ts";
import { Failure } from "./failure.ts";
import { ENTRY, running } from "./runtime.ts";
import { untilSignal } from "./signals.ts";
import { errorColors, print, say } from "./terminal.ts";
import { removeStale } from "./unix-socket.ts";

// `workers = 4`, or `auto` for one a core: several processes on one address, which Node's cluster shares among them. Bun
// and Deno have no such thing: `auto` is one process there, and a number is refused.

/** How many processes to start; 1 for this one alone. @throws Failure for a number that this runtime cannot have */
export function processesFor(workers: number | "auto", quiet: boolean): number {
  if (running() === "node") return workers === "auto" ? availableParallelism() : workers;
  if (workers === "auto") {
    if (!quiet) say(errorColors.dim("workers = auto: one process, since only Node shares an address among several"));
    return 1;
  }
  if (workers > 1)
    throw new Failure(
      `workers = ${workers}: only Node shares an address among processes; write workers = auto, or serve with --runtime node`,
    );
  return 1;
}

/** A process that ended sooner than this is not started again at once. */
const SHORT = 1000;

/**
 * Serves with several processes until a signal comes. One that ends is replaced; when one ends before it has ever served,
 * so do all.
 *
 * @returns the exit status
 */
export async function serveWith(
  count: number,
  args: readonly string[],
  addresses: readonly string[],
  quiet: boolean,
): Promise<number> {
  cluster.setupPrimary({ exec: ENTRY, args: [...args] });
  const workers = new Set<Worker>();
  const gone = new Map<Worker, Promise<void>>();
  // a second signal ends this process at once: one that hears nothing any more must not stay behind
  process.on("exit", () => {
    for (const worker of workers) worker.process.kill("SIGKILL");
  });
  let closing = false;
  let announced = false;
  const serving = new Set<Worker>();
  const failed = new Promise<number>((fail) => {
    const start = (): void => {
      const worker = cluster.fork({ [CHILD_VARIABLE]: "workers" });
      const began = Date.now();
      workers.add(worker);
      onServing(worker.process, (message) => {
        serving.add(worker);
        // all of them: while one alone listens, the address would go with it
        if (serving.size === count && !announced && !quiet) {
          print(`TSGI on Node with ${count} processes serves ${message.urls.map((url) => `${url}/`).join(" ")}`);
          for (const line of message.tree) print(line);
        }
        announced ||= serving.size === count;
      });
      const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
      gone.set(worker, ended);
      void ended.then(() => {
        const served = serving.delete(worker);
        workers.delete(worker);
        gone.delete(worker);
        if (closing) return;
        if (!served && !announced) return fail(1);
        say(errorColors.yellow(`process ${String(worker.process.pid)} has ended; another one takes its place`));
        setTimeout(() => closing || start(), served ? Math.max(0, SHORT - (Date.now() - began)) : SHORT);
      });
    };
    for (let i = 0; i < count; i++) start();
  });
  const status = await Promise.race([untilSignal().then(() => 0), failed]);
  closing = true;
  for (const worker of workers)
    if (serving.has(worker) && worker.isConnected()) worker.send({ type: "close" }, () => {});
    else worker.process.kill("SIGKILL"); // it serves nobody yet, and might not hear
  await Promise.all(gone.values());
  for (const address of addresses) await removeStale(address);
  return status;
}
