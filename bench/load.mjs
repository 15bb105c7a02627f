// The load generator: wrk when it is installed, else autocannon. It runs on the core that the server does not have.
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BENCH } from "./contenders.mjs";
import { LOAD_CORE } from "./launch.mjs";

/** The generator that will be used, with its version: `wrk 4.1.0`. */
export function generator() {
  try {
    // wrk -v prints its usage too, and ends with 1
    execFileSync("wrk", ["-v"], { stdio: "pipe" });
  } catch (error) {
    if (error.code === "ENOENT") return "autocannon";
    return /^wrk \S+/.exec(`${error.stdout}`)?.[0] ?? "wrk";
  }
  return "wrk";
}

/**
 * Loads a server.
 *
 * @param request method, path, headers and body of every request
 * @returns `{ requests, bytes, duration, p50, p99, errors }`; times in microseconds; errors are connections that failed
 *   and answers that are not 2xx
 */
export async function load(request, { port, seconds, connections }) {
  const url = `http://127.0.0.1:${port}${request.path}`;
  const scratch = await mkdtemp(join(tmpdir(), "tsgi-bench-"));
  try {
    let bodyFile = "";
    if (request.body !== undefined) {
      bodyFile = join(scratch, "body");
      await writeFile(bodyFile, request.body);
    }
    const run = generator() === "autocannon" ? autocannon : wrk;
    return await run({ request, url, bodyFile, seconds, connections });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function wrk({ request, url, bodyFile, seconds, connections }) {
  const fields = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  const options = ["-t1", `-c${connections}`, `-d${Math.ceil(seconds)}s`, "-s", join(BENCH, "wrk.lua"), url, "--"];
  // -d has whole seconds only; an interrupt ends it early, with its summary
  const early = Number.isInteger(seconds) ? undefined : seconds;
  const output = await run("wrk", [...options, request.method, bodyFile, ...fields], seconds, early);
  const line = output.split("\n").findLast((text) => text.startsWith("{"));
  if (line === undefined) throw new Error(`wrk printed no result: ${output}`);
  return JSON.parse(line);
}

async function autocannon({ request, url, bodyFile, seconds, connections }) {
  const fields = Object.entries(request.headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const body = bodyFile === "" ? [] : ["-i", bodyFile];
  const script = join(BENCH, "node_modules/autocannon/autocannon.js");
  const options = ["-j", "-n", "-c", connections, "-d", Math.ceil(seconds), "-m", request.method];
  const output = await run(process.execPath, [script, ...options, ...body, ...fields, url].map(String), seconds);
  const result = JSON.parse(output.slice(output.indexOf("{")));
  return {
    requests: result.requests.total,
    bytes: result.throughput.total,
    duration: result.duration * 1e6,
    p50: result.latency.p50 * 1000,
    p99: result.latency.p99 * 1000,
    errors: result.errors + result.timeouts + result.non2xx,
  };
}

function run(file, args, seconds, early) {
  return new Promise((resolve, reject) => {
    const options = { timeout: (seconds + 30) * 1000, maxBuffer: 1 << 24 };
    // taskset is replaced by the program, so that a signal to it reaches that
    const child = execFile("taskset", ["-c", LOAD_CORE, file, ...args], options, (error, stdout, stderr) => {
      clearTimeout(interrupt);
      if (error === null) resolve(stdout);
      else reject(new Error(`${file} failed: ${error.message} ${stderr}`));
    });
    const interrupt = early === undefined ? undefined : setTimeout(() => child.kill("SIGINT"), early * 1000);
  });
}
