// One measurement. What is counted is the CPU time of the server's processes, which other programs on the machine disturb
// far less than they disturb requests per second.
import { load } from "./load.mjs";
import { holdConnections, readSlowly, readWhole } from "./clients.mjs";
import { cpuTime, forgetPeak, memory, peakMemory, tree } from "./proc.mjs";
import { EVENT } from "./servers/answers.mjs";
import { median } from "./statistics.mjs";
import { answer } from "./workloads/request.mjs";

const CONNECTIONS = 32;

/**
 * Starts a server, looks at its answer and warms it up; then it is measured under load as often as `measure` is called.
 *
 * @param launcher what starts it; see `launcher`
 * @param workload one of `kind: "rate"`
 * @param time seconds to warm up and to measure
 * @returns `{ measure(), stop() }`; `measure` gives `{ cost, rate, p50, p99, memory }`: microseconds of CPU a request,
 *   requests a second, latencies in microseconds, peak bytes of memory
 * @throws (rejects, `measure` too) Error when the answer is wrong, a connection fails or an answer is no 2xx: that is no
 *   result
 */
export async function openRate(launcher, workload, option, time) {
  const server = await launcher.start();
  try {
    const { port } = server;
    const request = workload.request(option);
    workload.check(await answer(request, port), option);
    const connections = workload.connections ?? CONNECTIONS;
    if (time.warmup > 0) await load(request, { port, seconds: time.warmup, connections });
    return { measure: () => measureOnce(server, request, connections, time.seconds), stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function measureOnce(server, request, connections, seconds) {
  const { pid, port } = server;
  const before = cpuTime(tree(pid));
  const loaded = await load(request, { port, seconds, connections });
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
}

/**
 * Measures one long answer: read slowly for a while, then another as fast as it comes.
 *
 * @returns `{ cost, rate, memory, slowMemory }`: microseconds of CPU a MiB, MiB a second, and how many bytes the
 *   server's memory grew by at most, in all and with the slow reader alone
 */
export async function measureDownload(launcher, workload, option) {
  const server = await launcher.start();
  try {
    const { pid, port } = server;
    const request = workload.request(option);
    const expected = workload.bytes(option);
    // the slow reader first: it must not find room that the fast one has made
    const resting = memory(tree(pid));
    forgetPeak(tree(pid));
    await readSlowly(request, port, SLOW_SECONDS);
    const slowMemory = peakMemory(tree(pid)) - resting;
    const before = cpuTime(tree(pid));
    const { bytes, seconds } = await readWhole(request, port);
    const spent = cpuTime(tree(pid)) - before;
    if (!server.alive()) throw new Error(`the server has ended: ${server.output().trim()}`);
    // head and chunk framing come on top, which is little
    if (bytes < expected || bytes > expected * 1.01) throw new Error(`${bytes} bytes came instead of ${expected}`);
    return {
      cost: spent / (expected / 2 ** 20),
      rate: expected / 2 ** 20 / seconds,
      memory: peakMemory(tree(pid)) - resting,
      slowMemory,
    };
  } finally {
    await server.stop();
  }
}

const SLOW_SECONDS = 4;

/**
 * Measures what a connection costs that is open and silent.
 *
 * @returns `{ cost, connections }`: bytes of memory a connection, of how many
 */
export async function measureIdle(launcher, workload, option) {
  const server = await launcher.start();
  try {
    const { pid, port } = server;
    const request = workload.request(option);
    const count = Number(option);
    // the first connections load code and grow the heap
    const first = await holdConnections(request, port, FIRST_CONNECTIONS, EVENT);
    await settle(pid);
    const before = memory(tree(pid));
    const held = await holdConnections(request, port, count, EVENT);
    await settle(pid);
    const after = memory(tree(pid));
    const open = held.open();
    first.close();
    held.close();
    if (open < count) throw new Error(`${count - open} of ${count} connections were closed`);
    return { cost: (after - before) / count, connections: count };
  } finally {
    await server.stop();
  }
}

const FIRST_CONNECTIONS = 200;

/** Waits until the server's memory has stopped to change, at most 5 s. */
async function settle(pid) {
  let last = -1;
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = memory(tree(pid));
    if (Math.abs(now - last) < now / 200) return;
    last = now;
  }
}

/**
 * Measures the time from the start of a process to the end of its first answer, the median of several starts.
 *
 * @returns `{ cost, memory }`: milliseconds, and bytes of memory once it has answered
 */
export async function measureStart(launcher, workload, option) {
  const times = [];
  const sizes = [];
  for (let i = 0; i < STARTS; i++) {
    const server = await launcher.start();
    try {
      const first = await answer(workload.request(option), server.port);
      times.push(performance.now() - server.began);
      workload.check(first);
      sizes.push(peakMemory(tree(server.pid)));
    } finally {
      await server.stop();
    }
  }
  return { cost: median(times), memory: median(sizes) };
}

const STARTS = 5;
