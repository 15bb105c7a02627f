import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type NetConnectOpts } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runtimes } from "@tsgi/testing";
import { toWorker } from "@tsgi/workers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// The option `trustedProxy` through real sockets, on each runtime that can listen. A Worker cannot: it refuses the option.

const FIXTURE = fileURLToPath(new URL("../packages/core/test/fixtures/proxied.mjs", import.meta.url));
const PROXY = [
  "X-Forwarded-For: 6.6.6.6, 203.0.113.9",
  "X-Forwarded-Proto: https",
  "X-Forwarded-Host: www.example.com",
];

/** One request as it stands, over TCP or a unix socket: the status, and the body as JSON when it is some. */
async function ask(to: NetConnectOpts, fields: readonly string[]): Promise<{ status: number; seen: unknown }> {
  const socket = connect(to);
  socket.write(["GET /p HTTP/1.1", "Host: inner.example", "Connection: close", ...fields, "", ""].join("\r\n"));
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  const json = /\{.*\}/.exec(text)?.[0];
  return { status: Number(text.slice(9, 12)), seen: json === undefined ? undefined : JSON.parse(json) };
}

const listening = runtimes().filter((runtime) => runtime.name !== "workerd");

test("Node, Bun and Deno are there to be tested", () => {
  expect(listening.map((runtime) => runtime.name)).toEqual(["node", "bun", "deno"]);
});

test("a Worker, whose peer is Cloudflare's edge, refuses the option", () => {
  expect(() => toWorker(() => [], { trustedProxy: "loopback" })).toThrow(/^toWorker: trustedProxy has no meaning here/);
});

describe.each(listening)("behind a proxy on $name", ({ name, binary }) => {
  let folder = "";
  let stop: (() => Promise<void>) | undefined;
  let wrong = "";
  const at: Record<string, NetConnectOpts> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tsgi-proxy-"));
    const flags = name === "deno" ? ["run", "-A", "--no-lock", "--cached-only"] : [];
    const env = { ...process.env, DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1" };
    const child = spawn(binary, [...flags, FIXTURE, `@tsgi/${name}`, folder], { stdio: "pipe", env });
    const gone = once(child, "close");
    stop = async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      await gone;
      clearTimeout(timer);
    };
    let printed = "";
    child.stderr.on("data", (chunk) => (printed += String(chunk)));
    for await (const chunk of child.stdout) {
      printed += String(chunk);
      const line = /^\{.*\}$/m.exec(printed);
      if (line === null) continue;
      const said = JSON.parse(line[0]) as { wrong: string; ports: number[] };
      wrong = said.wrong;
      for (const [i, key] of ["loopback", "stranger", "nobody"].entries())
        at[key] = { host: "127.0.0.1", port: said.ports[i] };
      at.unix = { path: join(folder, "proxied.sock") };
      return;
    }
    throw new Error(`${name} did not listen; it printed: ${printed}`);
  });

  afterAll(async () => {
    await stop?.();
    await rm(folder, { recursive: true, force: true });
  });

  const asked = {
    REMOTE_ADDR: "203.0.113.9",
    HTTP_HOST: "www.example.com",
    HTTP_X_FORWARDED_FOR: "6.6.6.6, 203.0.113.9",
    scheme: "https",
    url: "https://www.example.com/p",
  };

  test("a trusted proxy's fields say who asked, and for what", async () => {
    expect(await ask(at.loopback, PROXY)).toEqual({ status: 200, seen: asked });
  });

  test("several fields are one list", async () => {
    const fields = ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 203.0.113.9", ...PROXY.slice(1)];
    expect(await ask(at.loopback, fields)).toEqual({ status: 200, seen: asked });
  });

  test("Forwarded says it too, with the client's port", async () => {
    const fields = ['Forwarded: for="203.0.113.9:4711";proto=https;host=www.example.com'];
    const { seen } = await ask(at.loopback, fields);
    const expected = { REMOTE_ADDR: "203.0.113.9", REMOTE_PORT: "4711", HTTP_HOST: "www.example.com", scheme: "https" };
    expect(seen).toEqual({ ...expected, url: "https://www.example.com/p" });
  });

  test("a stranger's count for nothing and are invisible", async () => {
    for (const listener of [at.stranger, at.nobody]) {
      const { status, seen } = await ask(listener, [...PROXY, "Forwarded: nonsense"]);
      expect(status).toBe(200);
      expect(seen).toMatchObject({ REMOTE_ADDR: "127.0.0.1", HTTP_HOST: "inner.example", scheme: "http" });
      expect(seen).toMatchObject({ REMOTE_PORT: expect.stringMatching(/^[0-9]+$/), url: "http://inner.example/p" });
      expect(seen).not.toHaveProperty("HTTP_X_FORWARDED_FOR");
    }
  });

  test("whoever comes over a unix socket can be trusted", async () => {
    expect(await ask(at.unix, PROXY)).toEqual({ status: 200, seen: asked });
  });

  test.each([
    ['Forwarded: for="a;host=evil"'],
    ["X-Forwarded-For: evil"],
    ["X-Forwarded-Host: evil.example/x"],
    ["Forwarded: for=203.0.113.9", "X-Forwarded-For: 203.0.113.8"],
  ])("%s is answered 400", async (...fields) => {
    expect(await ask(at.loopback, fields)).toEqual({ status: 400, seen: undefined });
  });

  test("a wrong entry is an error at start", () => {
    expect(wrong).toMatch(/^TypeError: trustedProxy: "localhost" is no IP address/);
  });
});
