import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { runtimes, type Started } from "@tsgi/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// Each runtime's fetch has its own opinion of lengths, encodings and streams; a Worker's may not reach this machine.

async function sizeOf(req: IncomingMessage): Promise<number> {
  let size = 0;
  for await (const chunk of req) size += (chunk as Buffer).length;
  return size;
}

const upstream = createServer((req, res) => {
  if (req.url === "/silent") return;
  if (req.url === "/moved") {
    res.writeHead(303, { Location: "/there", "Set-Cookie": ["a=1", "b=2"] }).end();
    return;
  }
  void sizeOf(req).then((size) => {
    const { "content-length": length, "x-forwarded-for": client, "accept-encoding": encoding, te } = req.headers;
    res.writeHead(200, { "Content-Type": "application/json" });
    res.end(JSON.stringify({ url: req.url, size, length, client, encoding, te }));
  });
});
beforeAll(() => new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve)));
afterAll(async () => {
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
});

describe.each(
  runtimes()
    .filter(({ name }) => name !== "workerd")
    .map((runtime) => [runtime.name, runtime] as const),
)("the proxy on %s", (_name, runtime) => {
  let server: Started;
  beforeAll(async () => {
    const UPSTREAM = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/base/..`;
    server = await runtime.start(fileURLToPath(new URL("fixtures/proxy.mjs", import.meta.url)), { env: { UPSTREAM } });
  });
  afterAll(() => server.stop());

  test("passes requests on, small bodies with their length and large ones whole", async () => {
    const small = await fetch(`${server.url}/a%20b?c=d`, { method: "POST", body: "hello" });
    expect(await small.json()).toEqual({
      url: "/a%20b?c=d",
      size: 5,
      length: "5",
      client: "127.0.0.1",
      encoding: "identity",
    });
    const large = await fetch(server.url, { method: "PUT", body: "x".repeat(2_000_000) });
    expect(await large.json()).toMatchObject({ size: 2_000_000 });
  });

  test("passes answers on, redirects and cookies as they are", async () => {
    const answer = await fetch(`${server.url}/moved`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location"), answer.headers.getSetCookie()]).toEqual([
      303,
      "/there",
      ["a=1", "b=2"],
    ]);
  });

  test("a server that is silent is a 504, and the process goes on", async () => {
    expect((await fetch(`${server.url}/silent`)).status).toBe(504);
    expect((await fetch(server.url)).status).toBe(200);
  });
});
