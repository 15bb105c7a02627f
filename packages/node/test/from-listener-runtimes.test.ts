import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { runtimes, type RuntimeLauncher } from "@tsgi/testing";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send } from "./client.ts";
import { startWorker } from "./listener/workerd.ts";

// The same Express app behind each runtime's own server. Bundled, since the fixture's packages are CommonJS, which a
// Worker cannot load.

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const fixture = fileURLToPath(new URL("fixtures/listener.mjs", import.meta.url));
let folder = "";

async function bundle(name: string, code: string, conditions: string[]): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    stdin: { contents: code, resolveDir: join(fixture, "..") },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["@tsgi/source", ...conditions],
    // what CommonJS packages ask for node's own modules by
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire("file:///bundle.mjs");` },
    logLevel: "error",
  });
  return outfile;
}

beforeAll(async () => {
  // inside the repository, where the launcher finds the adapters
  const cache = join(ROOT, "node_modules/.cache");
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, "listener-"));
  await writeFile(join(folder, "package.json"), "{}");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(runtime: RuntimeLauncher): Promise<{ port: number; stop(): Promise<void> }> {
  if (runtime.name === "workerd") {
    const code = `import { toWorker } from "@tsgi/workers"; import app from ${JSON.stringify(fixture)}; export default toWorker(app);`;
    return startWorker(runtime.binary, await bundle("worker", code, ["workerd", "worker"]));
  }
  const app = await bundle(runtime.name, `export { default } from ${JSON.stringify(fixture)};`, []);
  const server = await runtime.start(app);
  return { port: Number(new URL(server.url).port), stop: () => server.stop() };
}

describe.each(runtimes())("an Express app on $name", (runtime) => {
  let port = 0;
  let stop = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    ({ port, stop } = await start(runtime));
  });
  afterAll(() => stop());
  const seen = async (): Promise<string[]> => JSON.parse((await send(port, { path: "/old/seen" })).text) as string[];

  it("is routed under its mount, and sets its cookies one by one", async () => {
    const got = await send(port, { path: "/old/hello/a%20b?q=1" });
    expect(got.text).toBe("a b /hello/a%20b?q=1 /old /old/hello/a%20b?q=1 http");
    expect(got.cookies.map((cookie) => cookie.split(";")[0])).toEqual(["a=1", "b=2"]);
    expect(await seen()).toContain("LOG GET /old/hello/a%20b?q=1 200");
  });

  it("reads JSON of known and of unknown length", async () => {
    for (const more of [[], [["transfer-encoding", "chunked"]]]) {
      const headers = Object.fromEntries([["content-type", "application/json"], ...more]) as Record<string, string>;
      const got = await send(port, { method: "POST", path: "/old/json", headers, body: '{"a":[1]}' });
      expect([got.status, got.text]).toEqual([201, '{"got":{"a":[1]}}']);
    }
  });

  it("reads an upload whole", async () => {
    const body = Buffer.alloc(5 * 1024 * 1024, "upload ");
    const got = await send(port, { method: "POST", path: "/old/upload", body });
    expect(got.text).toBe(createHash("sha256").update(body).digest("hex"));
  });

  it("keeps a session", async () => {
    const first = await send(port, { path: "/old/views" });
    const headers = { cookie: first.cookies[0].split(";")[0] };
    expect([first.text, (await send(port, { path: "/old/views", headers })).text]).toEqual(["1", "2"]);
  });

  // workerd encoded what compression had encoded a second time
  it("compresses", async () => {
    const got = await send(port, { path: "/old/long", headers: { "accept-encoding": "gzip" } });
    expect(got.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(got.bytes).toString()).toBe("tsgi ".repeat(100_000));
  });

  it("answers HEAD, 204 and its own errors", async () => {
    const head = await send(port, { method: "HEAD", path: "/old/hello/x" });
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(await send(port, { path: "/none" })).toMatchObject({ status: 204, text: "" });
    expect((await send(port, { path: "/old/nowhere" })).text).toContain("Cannot GET /old/nowhere");
    expect((await send(port, { path: "/old/broken" })).status).toBe(503);
  });

  it("a bare listener is a 404 where it hands on, a 500 where it throws, and broken where it breaks", async () => {
    expect(await send(port, { path: "/x" })).toMatchObject({ status: 200, text: "bare" });
    expect(await send(port, { path: "/next" })).toMatchObject({ status: 404, text: "Not Found" });
    expect(await send(port, { path: "/throw" })).toMatchObject({ status: 500, text: "Internal Server Error" });
    await expect(send(port, { path: "/late" })).rejects.toThrow();
    expect((await send(port, { path: "/x" })).text).toBe("bare");
  });

  it("is told when the client leaves a stream of events", async () => {
    const client = connect(port, "127.0.0.1");
    client.write("GET /old/events HTTP/1.1\r\nHost: h\r\n\r\n");
    let text = "";
    await new Promise<void>((resolve) => {
      client.on("data", (data: Buffer) => {
        text += data.toString("latin1");
        if (text.includes("data: x")) resolve();
      });
    });
    client.destroy();
    await expect.poll(seen, { timeout: 10_000 }).toEqual(expect.arrayContaining(["req aborted", "res close"]));
  });

  it("stops writing for a client that does not read", async () => {
    const client = connect(port, "127.0.0.1");
    client.write("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    await new Promise((resolve) => client.once("data", resolve));
    client.pause();
    // whoever does not stop is through with a gigabyte by then, or has run out of memory
    for (let i = 0; i < 20; i++) await send(port, { path: "/x" });
    client.destroy();
    await expect.poll(seen, { timeout: 10_000 }).toContain("slow true");
  });
});
