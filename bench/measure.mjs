// One measurement: a fresh server, looked at, warmed up, loaded. What is counted is the CPU time of the server's
// processes, which other programs on the machine disturb far less than they disturb requests per second.
import { load } from "./load.mjs";
import { cpuTime, peakMemory, tree } from "./proc.mjs";
import { answer } from "./workloads/request.mjs";

const CONNECTIONS = 32;

/**
 * Measures a server under load.
 *
 * @param launcher what starts it; see `launcher`
 * @param workload one of `kind: "rate"`
 * @param time seconds to warm up and to measure
 * @returns `{ cost, rate, p50, p99, memory }`: microseconds of CPU a request, requests a second, latencies in
 *   microseconds, peak bytes of memory
 * @throws (rejects) Error when the answer is wrong, a connection fails or an answer is no 2xx: that is no result
 */
export async function measureRate(launcher, workload, option, time) {
  const server = await launcher.start();
  try {
    const { pid, port } = server;
    const request = workload.request(option);
    workload.check(await answer(request, port), option);
    const connections = workload.connections ?? CONNECTIONS;
    if (time.warmup > 0) await load(request, { port, seconds: time.warmup, connections });
    const before = cpuTime(tree(pid));
    const loaded = await load(request, { port, seconds: time.seconds, connections });
    const spent = cpuTime(tree(pid)) - before;
    if (!server.alive()) throw new Error(`the server has ended: ${server.output().trim()}`);
    if (loaded.errors > 0) throw new Error(`${loaded.errors} of ${loaded.requests} requests failed`);
    if (loaded.requests === 0) throw new Error("no request was answered");
    return {
      cost: spent / loaded.requests,
      rate: loaded.requests / (loaded.duration / 1e6),
      p50: loaded.p50,
      p99: loaded.p99,
      memory: peakMemory(tree(pid)),
    };
  } finally {
    await server.stop();
  }
}
