import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { readSlowly, readWhole, holdConnections } from "../clients.mjs";
import { cpuTime, memory, peakMemory, tree } from "../proc.mjs";
import { get } from "../workloads/request.mjs";

// What counts is tested here, not how fast anything is.

const children: ChildProcess[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe.skipIf(process.platform !== "linux")("what the kernel knows of a process", () => {
  /** A process that prints a line once it is ready, and lives on. */
  async function start(code: string): Promise<number> {
    const child = spawn(process.execPath, ["-e", `${code};setInterval(() => {}, 1000)`], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    children.push(child);
    await once(child.stdout, "data");
    return child.pid ?? 0;
  }

  test("its CPU time is microseconds, of all its threads", async () => {
    // the thread has burnt 200 ms of CPU by its own account when the line is printed, and the main thread next to none
    const burn = "const a = process.cpuUsage().user; while (process.cpuUsage().user - a < 200000);";
    const pid = await start(
      `const w = new (require("node:worker_threads").Worker)(${JSON.stringify(`${burn} require("node:worker_threads").parentPort.postMessage(1); setInterval(() => {}, 1000)`)}, { eval: true });
       w.once("message", () => console.log("burnt"))`,
    );
    const spent = cpuTime(tree(pid));
    expect(spent).toBeGreaterThan(150_000);
    expect(spent).toBeLessThan(10_000_000);
  });

  test("its children count", async () => {
    const pid = await start(
      `const c = require("node:child_process").spawn("sleep", ["30"]); c.on("spawn", () => console.log("ready")); process.on("exit", () => c.kill())`,
    );
    const pids = tree(pid);
    expect(pids).toHaveLength(2);
    expect(memory(pids)).toBeGreaterThan(memory([pid]));
    process.kill(pids[1] ?? 0, "SIGKILL");
  });

  test("its peak of memory stays when the memory has been given back", async () => {
    // the memory of a WebAssembly.Memory goes back to the kernel with the object: no allocator keeps it
    const pid = await start(
      `require("node:v8").setFlagsFromString("--expose-gc");
       const collect = require("node:vm").runInNewContext("gc");
       (() => new Uint8Array(new WebAssembly.Memory({ initial: 2048 }).buffer).fill(1))();
       setImmediate(() => { collect(); setTimeout(() => console.log("ready"), 50) })`,
    );
    const left = memory([pid]);
    expect(peakMemory([pid])).toBeGreaterThan(left + 64 * 2 ** 20);
  });

  test("a process that has gone costs nothing and breaks nothing", () => {
    expect(cpuTime([2 ** 30])).toBe(0);
    expect(memory([2 ** 30])).toBe(0);
  });
});

describe("the clients", () => {
  async function listen(handler: Parameters<typeof createServer>[1]): Promise<number> {
    const server = createServer(handler as never);
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  test("a whole answer is counted", async () => {
    const port = await listen((_req, res) => void res.end(Buffer.alloc(1_000_000)));
    const { bytes } = await readWhole(get("/"), port);
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThan(1_001_000);
  });

  test("an answer that is no 200 is no measurement", async () => {
    const port = await listen((_req, res) => void res.writeHead(500).end("no"));
    await expect(readWhole(get("/"), port)).rejects.toThrow("HTTP/1.1 500");
    await expect(holdConnections(get("/"), port, 1, "data:")).rejects.toThrow("HTTP/1.1 500");
  });

  test("a slow reader leaves most of an answer unread", async () => {
    const port = await listen((_req, res) => void res.end(Buffer.alloc(256 * 2 ** 20)));
    const bytes = await readSlowly(get("/"), port, 0.3);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(64 * 2 ** 20);
  });

  test("connections are held from their first event until they are let go", async () => {
    let open = 0;
    const port = await listen((_req, res) => {
      open++;
      res.on("close", () => open--);
      res.write("data: hello\n\n");
    });
    const held = await holdConnections(get("/"), port, 150, "data: hello\n\n");
    expect(held.open()).toBe(150);
    expect(open).toBe(150);
    held.close();
    await expect.poll(() => open).toBe(0);
  });
});
