import { connect } from "node:net";
import type { App, Server } from "@tsgi/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serve } from "../src/adapter.ts";

// What the conformance kit cannot know of this adapter: its own reading of HTTP/1.1, byte by byte where it matters.

const app: App = async (environ, startResponse) => {
  const { REQUEST_METHOD, PATH_INFO, REMOTE_ADDR, HTTP_X_A } = environ;
  if (PATH_INFO === "/unread") {
    startResponse("200 OK", []);
    return ["unread"];
  }
  if (PATH_INFO === "/stream") {
    startResponse("200 OK", []);
    return ["a", "", "b"];
  }
  if (PATH_INFO === "/slow") await new Promise((resolve) => setTimeout(resolve, 300));
  const body = await environ["tsgi.input"].text();
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return [JSON.stringify({ REQUEST_METHOD, PATH_INFO, REMOTE_ADDR, HTTP_X_A, body })];
};

let server: Server;
let log = "";
const errorLog = { write: (text: string) => void (log += text), flush: () => {} };
beforeAll(async () => {
  const limits = { headerBytes: 8192, headers: 50, drain: 1000 };
  server = await serve(app, { port: 0, limits, errorLog, trustedProxy: "loopback" });
});
afterAll(async () => {
  await server.close();
  // what was refused is said, one line each; nothing else went wrong
  const lines = log.split("\n").filter((line) => line !== "");
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter((line) => !/^tsgi: [A-Z]+ ".*" refused with (?:400|431|505): /.test(line))).toEqual([]);
});

/** Everything that the server sends for these pieces until it ends the connection, or is silent for a while. */
async function exchange(pieces: string | readonly string[], silence = 150): Promise<{ text: string; ended: boolean }> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.on("error", () => {}); // a reset is an end too
  let text = "";
  let last = performance.now();
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    last = performance.now();
  });
  for (const piece of typeof pieces === "string" ? [pieces] : pieces) {
    socket.write(piece, "latin1");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  last = performance.now();
  while (!socket.closed && performance.now() - last < silence) await new Promise((resolve) => setTimeout(resolve, 5));
  const ended = socket.closed;
  socket.destroy();
  return { text, ended };
}

const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 ([0-9]{3}) /g)].map((match) => Number(match[1]));
const get = (path: string, ...fields: string[]): string =>
  [`GET ${path} HTTP/1.1`, "Host: h", ...fields, "", ""].join("\r\n");
const post = (...lines: string[]): string => ["POST /echo HTTP/1.1", "Host: h", ...lines].join("\r\n");
const SMUGGLED = get("/smuggled");

describe("what is refused, with whatever follows it", () => {
  test.each<[string, string, number]>([
    ["HTTP/0.9", "GET /\r\n", 400],
    ["HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505],
    ["HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505],
    ["two spaces in the request line", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400],
    ["a method that is no token", "GE(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400],
    ["a control in the target", "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400],
    ["authority-form", "GET h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400],
    ["a lone LF behind the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400],
    ["a lone LF behind a field", "GET / HTTP/1.1\r\nHost: h\n\r\n", 400],
    ["a lone LF as the empty line", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400],
    ["a lone CR in a field", "GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\rX-B: 2\r\n\r\n", 400],
    ["two CR", "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", 400],
    ["folding", get("/", "X-A: 1", " folded"), 400],
    ["a space before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400],
    ["a space before the colon", get("/", "X-A : 1"), 400],
    ["no colon", get("/", "X-A"), 400],
    ["no name", get("/", ": 1"), 400],
    ["NUL in a value", get("/", "X-A: 1\0"), 400],
    ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
    ["two Hosts", get("/", "Host: h"), 400],
    ["51 fields", get("/", ...Array.from({ length: 50 }, (_, i) => `X-${i}: 1`)), 431],
    ["a head of more than 8 KiB", get("/", `X-A: ${"a".repeat(9000)}`), 431],
    [
      "fields of more than 8 KiB together",
      get("/", ...Array.from({ length: 9 }, () => `X-A: ${"a".repeat(1000)}`)),
      431,
    ],
    ["a target of 100 KiB", get(`/${"a".repeat(100_000)}`), 431],
    ["both lengths", post("Content-Length: 5", "Transfer-Encoding: chunked", "", "0", "", ""), 400],
    ["two Content-Lengths", post("Content-Length: 5", "Content-Length: 6", "", "hello"), 400],
    ["Content-Length +5", post("Content-Length: +5", "", "hello"), 400],
    ["Content-Length 5, 5", post("Content-Length: 5, 5", "", "hello"), 400],
    ["an empty Content-Length", post("Content-Length:", "", "hello"), 400],
    ["another coding", post("Transfer-Encoding: gzip", "", "0", "", ""), 400],
    ["chunked twice", post("Transfer-Encoding: chunked, chunked", "", "0", "", ""), 400],
    ["two Transfer-Encodings", post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", "", "0", "", ""), 400],
    ["chunked behind NBSP", post("Transfer-Encoding: \xa0chunked", "", "0", "", ""), 400],
    ["chunked behind VT", post("Transfer-Encoding: \x0bchunked", "", "0", "", ""), 400],
    ["an empty Transfer-Encoding", post("Transfer-Encoding:", "", "0", "", ""), 400],
    ["noise", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n", 400],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ])("%s", async (_, request, code) => {
    const { text, ended } = await exchange(request + SMUGGLED);
    expect(statuses(text)).toEqual([code]);
    expect(text).not.toContain("smuggled");
    expect(text).toContain("\r\nConnection: close\r\n");
    expect(ended).toBe(true);
  });

  test("chunked in HTTP/1.0", async () => {
    const request = "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    expect(statuses((await exchange(request + SMUGGLED)).text)).toEqual([400]);
  });

  const chunked = post("Transfer-Encoding: chunked", "", "");
  test.each([
    ["+5", "+5\r\nhello\r\n0\r\n\r\n"],
    ["-5", "-5\r\nhello\r\n0\r\n\r\n"],
    ["0x5", "0x5\r\nhello\r\n0\r\n\r\n"],
    ["a space before it", " 5\r\nhello\r\n0\r\n\r\n"],
    ["nothing", "\r\nhello\r\n0\r\n\r\n"],
    ["2^64", "10000000000000000\r\nhello\r\n0\r\n\r\n"],
    ["a lone LF behind it", "5\nhello\r\n0\r\n\r\n"],
    ["a lone LF in its extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"],
    ["a lone CR in its extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"],
    ["NUL in its extension", "5;a\0\r\nhello\r\n0\r\n\r\n"],
    ["an extension of 256 KiB", `5;${"a".repeat(262144)}\r\nhello\r\n0\r\n\r\n`],
    ["wrong bytes behind the chunk", "5\r\nhelloXX0\r\n\r\n"],
    ["a lone LF behind the chunk", "5\r\nhello\n0\r\n\r\n"],
    ["a malformed trailer", "5\r\nhello\r\n0\r\nX : 1\r\n\r\n"],
    ["trailers without end", `5\r\nhello\r\n0\r\n${"X-A: 1\r\n".repeat(2000)}\r\n`],
  ])("a chunk size of %s", async (_, body) => {
    const { text, ended } = await exchange(chunked + body + SMUGGLED);
    expect(statuses(text)).toEqual([400]);
    expect(ended).toBe(true);
  });

  test("a body that is cut short", async () => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (chunk) => (text += String(chunk)));
    socket.end(post("Content-Length: 10", "", "hello"));
    await new Promise((resolve) => socket.once("close", resolve));
    expect(statuses(text)).not.toContain(200);
  });
});

describe("what is served", () => {
  const answered = async (pieces: string | readonly string[]): Promise<{ text: string; ended: boolean }> => {
    const answer = await exchange(pieces, 500);
    expect(statuses(answer.text)[0]).toBe(200);
    return answer;
  };

  test("a request that comes byte by byte", async () => {
    const request = post(
      "Transfer-Encoding: ChunKed",
      "",
      "5;ext=1",
      "hello",
      "6 ; x",
      " world",
      "0",
      "X-Trail: 1",
      "",
      "",
    );
    expect((await answered([...request])).text).toContain('"body":"hello world"');
  });

  test("an empty line before the request, and blanks around a value", async () => {
    expect((await answered(`\r\n${get("/", "X-A: \t a  b \t ")}`)).text).toContain('"HTTP_X_A":"a  b"');
  });

  test("pipelined requests, each once and in turn", async () => {
    const { text, ended } = await answered(get("/slow") + post("Content-Length: 5", "", "hello") + get("/3"));
    expect([...text.matchAll(/"PATH_INFO":"([^"]*)"/g)].map((match) => match[1])).toEqual(["/slow", "/echo", "/3"]);
    expect(ended).toBe(false);
  });

  test("nothing behind Connection: close", async () => {
    const { text, ended } = await answered(get("/last", "Connection: keep-alive, Close") + SMUGGLED);
    expect(statuses(text)).toEqual([200]);
    expect(ended).toBe(true);
  });

  test("HTTP/1.0: no Host, no chunks, and the connection ends", async () => {
    const { text, ended } = await answered("GET /stream HTTP/1.0\r\n\r\n");
    expect(text).toMatch(/\r\nConnection: close\r\n\r\nab$/);
    expect(text).not.toMatch(/transfer-encoding|content-length/i);
    expect(ended).toBe(true);
  });

  test("HTTP/1.1: chunks where no length is known", async () => {
    expect((await answered(get("/stream"))).text).toMatch(
      /\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n$/,
    );
  });

  test("a body that nobody read is no request", async () => {
    const inner = get("/smuggled");
    const unread = `POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`;
    const { text } = await answered(unread + get("/next"));
    expect(statuses(text)).toEqual([200, 200]);
    expect(text).toContain('"PATH_INFO":"/next"');
    expect(text).not.toContain("smuggled");
  });

  test("a body too long to be drained ends the connection behind its answer", async () => {
    const unread = `POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n${"x".repeat(5000)}`;
    const { text, ended } = await answered(unread + SMUGGLED);
    expect(statuses(text)).toEqual([200]);
    expect(ended).toBe(true);
  });

  test("a client that waits to be asked is asked when the app reads, and only then", async () => {
    const asked = await exchange([post("Expect: 100-Continue", "Content-Length: 5", "", ""), "hello"]);
    expect(statuses(asked.text)).toEqual([100, 200]);
    const fields = "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    const { text, ended } = await answered(`POST /unread HTTP/1.1\r\nHost: h\r\n${fields}`);
    expect(statuses(text)).toEqual([200]);
    expect(ended).toBe(true);
  });

  test("a trusted proxy's word", async () => {
    expect((await answered(get("/", "X-Forwarded-For: 203.0.113.9"))).text).toContain('"REMOTE_ADDR":"203.0.113.9"');
    expect(statuses((await exchange(get("/", "X-Forwarded-For: evil"))).text)).toEqual([400]);
  });
});

describe("close", () => {
  test("lets a request in flight finish, ends idle connections at once, and accepts no more", async () => {
    const other = await serve(app, { port: 0, errorLog });
    const port = Number(new URL(other.url).port);
    const idle = connect(port, "127.0.0.1");
    idle.write(get("/first"));
    await new Promise((resolve) => idle.once("data", resolve));
    const flying = connect(port, "127.0.0.1");
    flying.write(get("/slow"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = performance.now();
    const gone = new Promise((resolve) => idle.once("close", resolve));
    const closed = other.close();
    await gone;
    expect(performance.now() - began).toBeLessThan(200);
    let text = "";
    for await (const chunk of flying) text += String(chunk);
    await closed;
    expect(text).toContain('"PATH_INFO":"/slow"');
    const refused = connect(port, "127.0.0.1");
    expect(
      await new Promise((resolve) => refused.once("error", (error) => resolve((error as { code?: string }).code))),
    ).toBe("ECONNREFUSED");
  });

  test("cuts what is still in flight after the grace period", async () => {
    let said = "";
    const other = await serve(() => new Promise(() => {}), {
      port: 0,
      grace: 50,
      errorLog: { write: (text) => void (said += text), flush: () => {} },
    });
    const socket = connect(Number(new URL(other.url).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(get("/"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.close();
    expect(said).toContain("1 request was cut");
  });

  test("an address in use and an unknown option are errors", async () => {
    await expect(serve(app, { port: Number(new URL(server.url).port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await expect(serve(app, { port: 0, tls: { cert: "", key: "" } })).rejects.toThrow("node:net");
  });
});

test("100 KiB of blanks, of a token or of text in a field take linear time", async () => {
  const other = await serve(app, { port: 0, errorLog, limits: { headerBytes: 200_000 } });
  const port = Number(new URL(other.url).port);
  const size = 100 * 1024;
  for (const field of [
    `X-A:${" ".repeat(size)}\x01`,
    `X-A: ${"a ".repeat(size / 2)}\x01`,
    `${"a".repeat(size)} : 1`,
    `X-A: ${"a".repeat(size)}\x01`,
  ]) {
    const socket = connect(port, "127.0.0.1");
    const began = performance.now();
    socket.write(get("/", field), "latin1");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(statuses(text)).toEqual([400]);
    expect(performance.now() - began).toBeLessThan(500);
  }
  await other.close();
});
