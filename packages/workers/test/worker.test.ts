import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binary, bundleWorker, environment } from "../../../tools/runtimes.mjs";
import { Raw, send } from "../../node/test/client.ts";

// `export default { ...toWorker(app), scheduled, queue }` in the real workerd. A second worker stands for Cloudflare: it
// calls the handlers that no HTTP request reaches (workerd has that behind --experimental).

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "trigger", worker = .trigger)],
  sockets = [
    (name = "main", address = "127.0.0.1:0", http = (), service = "main"),
    (name = "trigger", address = "127.0.0.1:0", http = (), service = "trigger")
  ]
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  bindings = [(name = "GREETING", text = "hello")],
  compatibilityDate = "2025-09-01",
  compatibilityFlags = ["enable_request_signal"]
);
const trigger :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "trigger.mjs")],
  bindings = [(name = "MAIN", service = "main")],
  compatibilityDate = "2025-09-01",
  compatibilityFlags = ["service_binding_extra_handlers"]
);
`;
const TRIGGER = `export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/scheduled")
      return Response.json(await env.MAIN.scheduled({ cron: "* * * * *", scheduledTime: new Date(0) }));
    const message = { id: "1", timestamp: new Date(0), body: "first", attempts: 1 };
    return Response.json(await env.MAIN.queue("jobs", [message]));
  },
};
`;

describe("toWorker in workerd", () => {
  let folder: string;
  let child: ChildProcess;
  let errors = "";
  const ports: Record<string, number> = {};

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tsgi-worker-"));
    await bundleWorker(fileURLToPath(new URL("fixtures/worker.mjs", import.meta.url)), join(folder, "worker.mjs"));
    writeFileSync(join(folder, "trigger.mjs"), TRIGGER);
    writeFileSync(join(folder, "config.capnp"), CONFIG);
    child = spawn(binary("workers"), ["serve", "--experimental", join(folder, "config.capnp"), "--control-fd=3"], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      env: environment(),
    });
    child.stderr?.on("data", (data: Buffer) => (errors += data.toString()));
    let said = "";
    (child.stdio[3] as Readable).on("data", (data: Buffer) => {
      said += data.toString();
      for (const [, socket, port] of said.matchAll(/"socket":"(\w+)","port":(\d+)/g)) ports[socket] = Number(port);
    });
    for (let i = 0; i < 1000 && Object.keys(ports).length < 2; i++) {
      if (child.exitCode !== null) throw new Error(`workerd did not start: ${errors}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  afterAll(async () => {
    if (child.exitCode === null) {
      child.kill();
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const get = async (path: string, socket = "main"): Promise<unknown> =>
    JSON.parse((await send(ports[socket], { path })).text);
  const events = (): Promise<string[]> => get("/events") as Promise<string[]>;
  const eventually = async (...wanted: string[]): Promise<void> => {
    let seen: string[] = [];
    for (let i = 0; i < 300; i++) {
      seen = await events();
      if (wanted.every((event) => seen.includes(event))) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(seen).toEqual(expect.arrayContaining(wanted));
  };

  it("bindings are the Worker's env, and what the runtime has is there", async () => {
    const environ = (await get("/environ?q")) as object;
    expect(environ).toMatchObject({
      REQUEST_METHOD: "GET",
      PATH_INFO: "/environ",
      QUERY_STRING: "q",
      "tsgi.runtime": "workerd",
      "tsgi.bindings": "hello",
      "tsgi.native": ["request", "env", "ctx"],
      "tsgi.wait_until": "function",
      "tsgi.signal": false,
      "tsgi.request": true,
    });
    // said by Cloudflare's edge alone, which is not here
    expect("REMOTE_ADDR" in environ).toBe(false);
  });

  it("REMOTE_ADDR is what the edge says", async () => {
    const got = await send(ports["main"], { path: "/environ", headers: { "cf-connecting-ip": "192.0.2.1" } });
    expect(JSON.parse(got.text)).toMatchObject({ REMOTE_ADDR: "192.0.2.1" });
  });

  // Turning the characters back into bytes overflowed the stack: a 500 for a field that is within the limits.
  it("a long field that is not ASCII arrives byte by byte", async () => {
    const utf8 = Buffer.from("字".repeat(60_000)).toString("latin1");
    const socket = new Raw(ports["main"]).write(
      `GET /environ HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Long: ${utf8}\r\n\r\n`,
    );
    const [head, body] = (await socket.end()).split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    const sent = Buffer.from(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1), "latin1").toString();
    expect(JSON.parse(sent).HTTP_X_LONG === utf8).toBe(true);
  });

  it("wait_until keeps going after the answer", async () => {
    expect(await get("/later")).toBe("now");
    await eventually("later");
  });

  it("scheduled stands beside it", async () => {
    expect(await get("/scheduled", "trigger")).toMatchObject({ outcome: "ok" });
    await eventually("scheduled * * * * * hello");
  });

  it("queue stands beside it", async () => {
    expect(await get("/queue", "trigger")).toMatchObject({ outcome: "ok", ackAll: true });
    await eventually("queue jobs first hello");
  });

  it("a client that leaves: the signal aborts, the body is cleaned up once", async () => {
    const client = new Raw(ports["main"]).write("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n");
    await client.until(/tick/);
    client.reset();
    await eventually("abort", "return", "close");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const seen = await events();
    for (const once of ["abort", "return", "close"]) expect(seen.filter((event) => event === once)).toEqual([once]);
  });

  it("an error is a plain 500", async () => {
    const got = await send(ports["main"], { path: "/throw" });
    expect([got.status, got.text]).toEqual([500, "Internal Server Error"]);
  });
});
