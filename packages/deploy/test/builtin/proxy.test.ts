import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createNetServer, type AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { open, request, type RequestOptions, type TestAnswer } from "@tsgi/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { factory as proxy } from "../../src/builtin/proxy.ts";

interface Seen {
  method: string;
  url: string;
  headers: Record<string, string | undefined>;
  body: string;
}

let server: Server;
let address: string;
let hanging: ServerResponse[] = [];

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { pathname } = new URL(req.url ?? "/", "http://x");
  if (pathname === "/silent") return void hanging.push(res);
  if (pathname === "/stream") {
    res.write("first ");
    hanging.push(res);
    return undefined;
  }
  if (pathname === "/broken") {
    res.writeHead(200, { "Content-Length": "100" });
    res.write("some");
    return void setTimeout(() => res.destroy(), 20);
  }
  if (pathname === "/gzip") {
    const body = gzipSync("packed");
    res.writeHead(200, { "Content-Encoding": "gzip", "Content-Length": body.length });
    return void res.end(body);
  }
  if (pathname === "/fields") {
    res.writeHead(302, [
      ["Location", "/elsewhere"],
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
      ["Connection", "X-Own"],
      ["X-Own", "of this connection"],
      ["Keep-Alive", "timeout=5"],
      ["X-Kept", "1"],
    ] as never);
    return void res.end("moved");
  }
  if (pathname === "/204") return void res.writeHead(204).end();
  const body = JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body: await bodyOf(req) });
  res.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body), ETag: '"1"' });
  res.end(body);
}

beforeAll(async () => {
  server = createServer((req, res) => void answer(req, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  for (const res of hanging.splice(0)) res.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const ask = (options: RequestOptions = {}, conf: Record<string, string> = {}): Promise<TestAnswer> =>
  request(proxy({}, { address: `${address}/`, ...conf }), options);
const seen = async (options: RequestOptions = {}, conf: Record<string, string> = {}): Promise<Seen> =>
  (await ask(options, conf)).json();

describe("what the other server sees", () => {
  test.each([
    ["/", "/a%20b/c?d=%20e", "/a%20b/c?d=%20e"],
    ["/base", "/x", "/base/x"],
    ["/base/", "/", "/base/"],
    ["/base/", "/%2e%2e/x", "/base/x"],
    ["/base/", "/a%2Fb", "/base/a%2Fb"],
    ["/", "//evil.test/x", "/evil.test/x"],
    ["/", "/caf%C3%A9", "/caf%C3%A9"],
  ])("below %s, %s is %s", async (path, target, expected) => {
    expect((await seen({ path: target }, { address: address + path })).url).toBe(expected);
  });

  test("under a mount the rest of the path", async () => {
    expect((await seen({ path: "/python/x", mount: "/python" })).url).toBe("/x");
    expect((await seen({ environ: { SCRIPT_NAME: "/python", PATH_INFO: "/x" } })).url).toBe("/x");
  });

  test("who asks for what, and fields of this connection stay here", async () => {
    const { headers } = await seen(
      {
        headers: {
          Host: "wiki.test",
          "X-One": "1",
          Cookie: "a=1",
          Connection: "keep-alive, X-Own",
          "X-Own": "secret",
          "Keep-Alive": "5",
          TE: "trailers",
          Upgrade: "websocket",
          "Proxy-Authorization": "secret",
          "Accept-Encoding": "gzip",
          "X-Secret": "1",
        },
      },
      { suppress_http_headers: "x-secret" },
    );
    expect(headers).toMatchObject({
      host: address.slice(7),
      "x-one": "1",
      cookie: "a=1",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-host": "wiki.test",
      "x-forwarded-proto": "http",
      "accept-encoding": "identity",
    });
    for (const name of ["x-own", "te", "upgrade", "proxy-authorization", "x-secret", "proxy-connection"])
      expect(headers[name], name).toBeUndefined();
  });

  test("a body, with its type; one in pieces too", async () => {
    const whole = await seen({ method: "PUT", body: "hello", headers: { "Content-Type": "text/x-own" } });
    expect(whole).toMatchObject({ method: "PUT", body: "hello", headers: { "content-type": "text/x-own" } });
    const pieces = await seen({ method: "POST", body: ["a", "b".repeat(200_000), "c"] });
    expect(pieces.body.length).toBe(200_002);
    expect((await seen({ method: "DELETE" })).body).toBe("");
  });

  test("a body over the limit is the client's fault, and no 502", async () => {
    for (const size of [2000, 100_000]) {
      const options = { method: "POST", body: "x".repeat(size), limits: { body: 1000 } };
      expect((await ask(options)).status).toBe(413);
      expect((await ask({ ...options, body: ["x".repeat(size)] })).status).toBe(413);
    }
  });

  // many a small server of Python's knows no chunked request
  test("a body whose length is known comes with that length", async () => {
    const { headers } = await seen({ method: "POST", body: "hello" });
    expect(headers["content-length"]).toBe("5");
    expect(headers["transfer-encoding"]).toBeUndefined();
    const long = await seen({ method: "POST", body: "x".repeat(200_000) });
    expect([long.headers["content-length"], long.body.length]).toEqual(["200000", 200_000]);
  });
});

describe("what the client gets", () => {
  test("status, fields and body; a redirect is not followed", async () => {
    const got = await ask({ path: "/fields" });
    expect([got.status, got.header("location"), got.text()]).toEqual([302, "/elsewhere", "moved"]);
    const cookies = got.headers.filter(([name]) => name.toLowerCase() === "set-cookie").map(([, value]) => value);
    expect(cookies).toEqual(["a=1", "b=2"]);
    expect(got.header("x-kept")).toBe("1");
    expect([got.header("x-own"), got.header("keep-alive"), got.header("connection")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("length and tag as they are; HEAD and 204 without a body", async () => {
    const whole = await ask();
    expect(whole.header("content-length")).toBe(String(whole.body.length));
    expect(whole.header("etag")).toBe('"1"');
    const head = await ask({ method: "HEAD" });
    expect([head.status, head.body.length, head.header("content-type")]).toEqual([200, 0, "application/json"]);
    expect((await ask({ path: "/204" })).status).toBe(204);
  });

  test("what fetch has unpacked says no more that it is packed", async () => {
    const got = await ask({ path: "/gzip" });
    expect(got.text()).toBe("packed");
    expect(got.header("content-encoding")).toBeUndefined();
  });

  test("a stream chunk by chunk; a client that leaves ends it there too", async () => {
    const exchange = open(proxy({}, { address }), { path: "/stream" });
    expect(new TextDecoder().decode((await exchange.next()) ?? undefined)).toBe("first ");
    const there = hanging.pop() as ServerResponse;
    const closed = new Promise((resolve) => there.once("close", resolve));
    exchange.disconnect();
    await exchange.done;
    await closed;
  });

  test("an answer that breaks off there breaks off here", async () => {
    await expect(ask({ path: "/broken" })).rejects.toThrow("broken off");
  });
});

describe("when the other server does not answer", () => {
  test("502 where nobody listens, with the reason in the log alone", async () => {
    const free = createNetServer();
    await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const got = await ask({}, { address: `http://127.0.0.1:${port}` });
    expect([got.status, got.text()]).toEqual([502, "Bad Gateway\n"]);
    expect(got.errors).toContain(`proxy: http://127.0.0.1:${port}`);
  });

  test("502 where what answers is no HTTP", async () => {
    const noise = createNetServer((socket) => socket.resume().end("noise\r\n\r\n"));
    await new Promise<void>((resolve) => noise.listen(0, "127.0.0.1", resolve));
    const got = await ask({}, { address: `http://127.0.0.1:${(noise.address() as AddressInfo).port}` });
    expect(got.status).toBe(502);
    await new Promise((resolve) => noise.close(resolve));
  });

  test("504 once the timeout is over", async () => {
    const got = await ask({ path: "/silent" }, { timeout: "50ms" });
    expect([got.status, got.text()]).toEqual([504, "Gateway Timeout\n"]);
  });
});

describe("settings", () => {
  test("methods that are not allowed are 405, with those that are", async () => {
    const got = await ask({ method: "POST", body: "x" }, { allowed_request_methods: "get head" });
    expect([got.status, got.header("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test.each(["", "127.0.0.1:4000", "ftp://x/", "http://x/?a=b", "/path"])("address = %j is refused", (given) => {
    expect(() => proxy({}, { address: given })).toThrow('"address": ');
  });

  test("an address is wanted", () => {
    expect(() => proxy({}, {})).toThrow('"address": is missing');
  });
});
