import { createServer, connect, type ClientHttp2Session, type Http2Server } from "node:http2";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fromFetch, type App, type Environ } from "@tsgi/core";
import { afterEach, describe, expect, it } from "vitest";
import { toListener } from "../src/index.ts";

// A listener on node:http2's compatibility API: the same app, the same environ, no framing fields.

const log: string[] = [];
let server: Http2Server;
let client: ClientHttp2Session;

const open = async (app: App): Promise<void> => {
  server = createServer(toListener(app, { errorLog: { write: (text) => void log.push(text), flush() {} } }) as never);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
};
afterEach(async () => {
  client.destroy();
  server.close();
  log.length = 0;
});

interface Got {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  code: number;
}
const send = async (headers: Record<string, string>, body?: string): Promise<Got> => {
  const stream = client.request(headers, { endStream: body === undefined });
  stream.on("error", () => {});
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (data: string) => (text += data));
  const answered = new Promise<Record<string, unknown>>((resolve) => {
    stream.once("response", (head) => resolve(head as unknown as Record<string, unknown>));
    stream.once("close", () => resolve({}));
  });
  if (body !== undefined) stream.end(body);
  const head = await answered;
  if (!stream.closed) await new Promise<void>((resolve) => stream.once("close", resolve));
  return { status: Number(head[":status"]), headers: head, text, code: stream.rstCode };
};

describe("toListener under node:http2", () => {
  it("the environ has Host, no pseudo-field, and the protocol", async () => {
    let seen: Environ | undefined;
    await open((environ, startResponse) => {
      seen = { ...environ };
      startResponse("200 OK", [
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
      ]);
      return ["hello"];
    });
    const got = await send({ ":path": "/caf%C3%A9?q", "x-own": "1", cookie: "a=1" });
    expect([got.status, got.text, got.headers["set-cookie"]]).toEqual([200, "hello", ["a=1", "b=2"]]);
    const environ = seen as unknown as Environ;
    expect(environ).toMatchObject({
      REQUEST_METHOD: "GET",
      PATH_INFO: "/café",
      QUERY_STRING: "q",
      SERVER_PROTOCOL: "HTTP/2",
      REMOTE_ADDR: "127.0.0.1",
      HTTP_HOST: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      HTTP_X_OWN: "1",
      HTTP_COOKIE: "a=1",
      "tsgi.url_scheme": "http",
    });
    expect(Object.keys(environ).filter((key) => key.includes(":"))).toEqual([]);
  });

  it("bodies come and go, with a declared length or without", async () => {
    await open(async (environ, startResponse) => {
      const text = await environ["tsgi.input"].text();
      startResponse("200 OK", []);
      return [`<${text}>`];
    });
    expect((await send({ ":path": "/", ":method": "POST" }, "some text")).text).toBe("<some text>");
    expect((await send({ ":path": "/", ":method": "POST", "content-length": "4" }, "four")).text).toBe("<four>");
    expect((await send({ ":path": "/", ":method": "POST" })).text).toBe("<>");
    expect((await send({ ":path": "/" })).text).toBe("<>");
  });

  it("a stream streams, without Transfer-Encoding", async () => {
    await open(async function* (_environ, startResponse) {
      startResponse("200 OK", []);
      for (let i = 0; i < 50; i++) {
        await new Promise((resolve) => setImmediate(resolve));
        yield "x".repeat(10_000);
      }
    });
    const got = await send({ ":path": "/" });
    expect([got.status, got.text.length, got.headers["transfer-encoding"], got.code]).toEqual([
      200,
      500_000,
      undefined,
      0,
    ]);
  });

  it("HEAD, 204 and 404", async () => {
    await open((environ, startResponse) => {
      startResponse(environ.QUERY_STRING || "200 OK", [["Content-Type", "text/plain"]]);
      return ["text"];
    });
    expect(await send({ ":path": "/", ":method": "HEAD" })).toMatchObject({ status: 200, text: "" });
    expect(await send({ ":path": "/?204" })).toMatchObject({ status: 204, text: "" });
    expect(await send({ ":path": "/?404" })).toMatchObject({ status: 404, text: "text" });
  });

  it("an answer that breaks off is told from a whole one", async () => {
    await open(async function* (_environ, startResponse) {
      startResponse("200 OK", []);
      yield "half";
      await new Promise((resolve) => setTimeout(resolve, 10));
      throw new Error("mid-body");
    });
    const got = await send({ ":path": "/" });
    expect([got.status, got.text]).toEqual([200, "half"]);
    expect(got.code).not.toBe(0);
    expect(log.join("")).toContain("mid-body");
  });

  it("an error before the head is a 500", async () => {
    await open(() => {
      throw new Error("early");
    });
    expect(await send({ ":path": "/" })).toMatchObject({ status: 500, text: "Internal Server Error" });
  });

  it("a client that leaves is noticed, and the body cleaned up once", async () => {
    const seen: string[] = [];
    await open((environ, startResponse) => {
      environ["tsgi.signal"].addEventListener("abort", () => seen.push("abort"));
      startResponse("200 OK", []);
      async function* chunks(): AsyncGenerator<string> {
        try {
          for (;;) {
            yield "tick";
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        } finally {
          seen.push("return");
        }
      }
      const inner = chunks();
      return { [Symbol.asyncIterator]: () => inner, close: () => void seen.push("close") };
    });
    const stream = client.request({ ":path": "/" });
    stream.on("error", () => {});
    await once(stream, "data");
    stream.close(8);
    for (let i = 0; i < 200 && seen.length < 3; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(seen.toSorted()).toEqual(["abort", "close", "return"]);
  });

  it("a fetch handler gets a genuine Request", async () => {
    await open(
      fromFetch(async (request) => {
        const { pathname, host } = new URL(request.url);
        return Response.json({ pathname, host, own: request.headers.get("x-own"), body: await request.text() });
      }),
    );
    const got = await send({ ":path": "/x", ":method": "PUT", "x-own": "1" }, "body");
    expect(JSON.parse(got.text)).toEqual({
      pathname: "/x",
      host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      own: "1",
      body: "body",
    });
  });
});
