import { connect } from "node:net";
import type { App, Limits } from "@tsgi/core";
import { urlmap } from "@tsgi/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { serve } from "../src/index.ts";
import { Raw } from "./client.ts";

// What goes over one connection of our own server: bodies that nobody reads, clients that wait to be asked, several
// requests at once, HTTP/1.0. Sockets, since a client library would hide it.

const log: string[] = [];
const ignore: App = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["ignored"];
};
const ignoreStream: App = async function* (_environ, startResponse) {
  startResponse("200 OK", []);
  await new Promise((resolve) => setTimeout(resolve, 5));
  yield "ignored ";
  yield "stream";
};
const echo: App = async (environ, startResponse) => {
  const text = await environ["tsgi.input"].text();
  startResponse("200 OK", []);
  return [`<${text}>`];
};
const pipe: App = (environ, startResponse) => {
  startResponse("200 OK", []);
  return environ["tsgi.input"];
};
const partly: App = async (environ, startResponse) => {
  const start = await environ["tsgi.input"].read(4);
  startResponse("200 OK", []);
  return [`<${new TextDecoder().decode(start)}>`];
};
const partlyStream: App = async function* (environ, startResponse) {
  const start = await environ["tsgi.input"].read(4);
  startResponse("200 OK", []);
  yield `<${new TextDecoder().decode(start)}>`;
  yield "partly stream";
};
const late: App = async function* (environ, startResponse) {
  startResponse("200 OK", []);
  yield "first ";
  yield `<${await environ["tsgi.input"].text()}>`;
};
const slow: App = async (environ, startResponse) => {
  await new Promise((resolve) => setTimeout(resolve, Number(environ.QUERY_STRING)));
  startResponse("200 OK", []);
  return [`<${environ.QUERY_STRING}>`];
};
const failing: App = async function* (_environ, startResponse) {
  startResponse("200 OK", []);
  yield "half";
  await new Promise((resolve) => setTimeout(resolve, 5));
  throw new Error("mid-body");
};
const whole: App = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["whole"];
};

const limits: Partial<Limits> = { drain: 10_000, drainTime: 300, body: 1_000_000 };
let server: Awaited<ReturnType<typeof serve>>;
let port: number;
beforeAll(async () => {
  const app = urlmap({
    "/ignore": ignore,
    "/ignore-stream": ignoreStream,
    "/echo": echo,
    "/pipe": pipe,
    "/partly": partly,
    "/partly-stream": partlyStream,
    "/late": late,
    "/slow": slow,
    "/failing": failing,
    "/": whole,
  });
  server = await serve(app, {
    port: 0,
    limits,
    grace: 100,
    errorLog: { write: (text) => void log.push(text), flush() {} },
  });
  port = Number(new URL(server.url).port);
});
afterAll(() => server.close());

const open = (): Raw => new Raw(port);
const post = (path: string, body: string, ...fields: string[]): string =>
  [`POST ${path} HTTP/1.1`, "Host: h", `Content-Length: ${body.length}`, ...fields, "", body].join("\r\n");
const GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const heads = (client: Raw): string[] => [...client.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);

describe("a body that nobody reads", () => {
  it.each(["/ignore", "/ignore-stream", "/partly", "/partly-stream"])(
    "small, to %s: the connection serves the next request",
    async (path) => {
      const client = open().write(post(path, "x".repeat(5000)));
      await client.until(/ignored$|stream\r\n0\r\n\r\n$|<xxxx>$/);
      client.write(GET);
      await client.until(/whole$/);
      expect(heads(client)).toEqual(["200", "200"]);
      expect(client.text).not.toMatch(/connection: close/i);
      client.reset();
    },
  );

  it("small, in chunks", async () => {
    const client = open().write("POST /ignore HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.write("0\r\n\r\n");
    await client.until(/ignored$/);
    client.write(GET);
    await client.until(/whole$/);
    expect(heads(client)).toEqual(["200", "200"]);
    client.reset();
  });

  it("huge: the answer arrives whole, then the connection closes, and nothing after it is a request", async () => {
    const client = open().write(`POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: ${1e9}\r\n\r\n`);
    // the client is still sending when the answer comes
    for (let i = 0; i < 50; i++) client.write("y".repeat(1000));
    await client.until(/ignored$/);
    client.write(GET);
    const text = await client.end();
    expect(heads(client)).toEqual(["200"]);
    expect(text).toMatch(/\r\nConnection: close\r\n[^]*\r\n\r\nignored$/);
  });

  it("huge, to a streamed answer: it arrives whole, then the connection closes", async () => {
    const client = open().write(`POST /ignore-stream HTTP/1.1\r\nHost: h\r\nContent-Length: ${1e9}\r\n\r\nsome`);
    await client.until(/stream\r\n0\r\n\r\n$/);
    client.write(GET);
    await client.end();
    expect(heads(client)).toEqual(["200"]);
  });

  // The rest stayed where it was: nobody heard the next request, and the connection was closed seconds later.
  it("read in part by an app that streams: the rest is taken in, the connection serves the next request", async () => {
    await using other = await serve(urlmap({ "/partly-stream": partlyStream, "/": whole }), { port: 0 });
    const client = new Raw(Number(new URL(other.url).port));
    client.write("POST /partly-stream HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\nsome");
    await client.until(/stream\r\n0\r\n\r\n$/);
    client.write("y".repeat(199_996) + GET);
    await client.until(/whole$/);
    expect(heads(client)).toEqual(["200", "200"]);
    client.reset();
  });

  it("endless and slow: closed once the time for it is over", async () => {
    const client = open().write("POST /ignore HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    const timer = setInterval(() => client.write("1\r\nz\r\n"), 20);
    const text = await client.end();
    clearInterval(timer);
    expect(text).toMatch(/\r\nConnection: close\r\n[^]*ignored$/);
  });

  it("too large for an app that reads: 413, then the connection closes", async () => {
    const client = open().write(`POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: ${limits.body! + 1}\r\n\r\nsome`);
    expect(await client.end()).toMatch(/^HTTP\/1\.1 413 [^]*Connection: close[^]*Content Too Large$/);
    const chunked = open().write("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let i = 0; i < 11; i++) chunked.write(`186a0\r\n${"c".repeat(100_000)}\r\n`);
    expect(await chunked.end()).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe("Expect: 100-continue", () => {
  const expecting = (path: string, length: number): string =>
    `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`;

  it.each(["/echo", "/partly"])(
    "%s reads: one 100, then the body, then the answer, and the connection goes on",
    async (path) => {
      const client = open().write(expecting(path, 8));
      await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
      client.write("the body");
      await client.until(/>$/);
      client.write(GET);
      await client.until(/whole$/);
      expect(heads(client)).toEqual(["100", "200", "200"]);
      client.reset();
    },
  );

  it("piece by piece: one 100", async () => {
    const client = open().write(expecting("/pipe", 8));
    await client.until(/100 Continue/);
    client.write("the ");
    await client.until(/the /);
    client.write("body");
    await client.until(/0\r\n\r\n$/);
    expect(heads(client).toSorted()).toEqual(["100", "200"]);
    client.reset();
  });

  it.each(["/ignore", "/ignore-stream"])(
    "%s does not read: the final answer, no 100, and the connection closes",
    async (path) => {
      const client = open().write(expecting(path, 8));
      const text = await client.end();
      expect(heads(client)).toEqual(["200"]);
      expect(text).toMatch(/\r\nConnection: close\r\n/);
    },
  );

  it("a body declared too large is not asked for", async () => {
    const client = open().write(expecting("/echo", limits.body! + 1));
    await client.end();
    expect(heads(client)).toEqual(["413"]);
  });

  it("an app that reads after its head has left does not get a 100 into its answer", async () => {
    const client = open().write(expecting("/late", 4));
    await client.until(/first /);
    client.write("sent");
    await client.end();
    expect(heads(client)).toEqual(["200"]);
    expect(client.text).toContain("<sent>");
  });

  it("any other expectation is refused with 417", async () => {
    const client = open().write("GET / HTTP/1.1\r\nHost: h\r\nExpect: pigs-fly\r\nConnection: close\r\n\r\n");
    expect(await client.end()).toMatch(/^HTTP\/1\.1 417 /);
  });
});

describe("several requests at once", () => {
  it("are answered in their order, the slow ones first", async () => {
    const client = open();
    client.write(
      ["80", "1", "40"].map((ms) => `GET /slow?${ms} HTTP/1.1\r\nHost: h\r\n\r\n`).join("") +
        post("/echo", "abc") +
        GET,
    );
    await client.until(/whole$/);
    expect([...client.text.matchAll(/<[^>]*>|whole/g)].map(([text]) => text)).toEqual([
      "<80>",
      "<1>",
      "<40>",
      "<abc>",
      "whole",
    ]);
    client.reset();
  });

  it("behind a body that nobody reads", async () => {
    const client = open().write(post("/ignore", "a".repeat(100)) + post("/partly", "b".repeat(100)) + GET);
    await client.until(/whole$/);
    expect(heads(client)).toEqual(["200", "200", "200"]);
    client.reset();
  });

  it("after Connection: close none is answered", async () => {
    const client = open().write(`GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n${GET}`);
    await client.end();
    expect(heads(client)).toEqual(["200"]);
  });

  it("after an answer that broke none is answered", async () => {
    log.length = 0;
    const client = open().write(`GET /failing HTTP/1.1\r\nHost: h\r\n\r\n${GET}`);
    const text = await client.end();
    expect(heads(client)).toEqual(["200"]);
    expect(text).not.toMatch(/0\r\n\r\n$/);
    expect(log.join("")).toContain("mid-body");
  });

  it("after a malformed one none is answered", async () => {
    const client = open().write(`${GET}GET / HTTP/1.1\r\nHost : h\r\n\r\n${GET}`);
    await client.end();
    expect(heads(client)).toEqual(["200", "400"]);
  });
});

describe("HTTP/1.0", () => {
  it("a whole answer has its length, and the connection closes", async () => {
    const text = await open().write("GET / HTTP/1.0\r\n\r\n").end();
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Content-Length: 5\r\n[^]*\r\n\r\nwhole$/);
  });

  it("a stream is not chunked: its end is the connection's", async () => {
    const text = await open().write("GET /ignore-stream HTTP/1.0\r\n\r\n").end();
    expect(text).not.toMatch(/chunked/i);
    expect(text).toMatch(/\r\n\r\nignored stream$/);
  });

  it("a stream that breaks off ends in a reset, so that it cannot pass for a whole one", async () => {
    const client = open();
    let reset = false;
    client.socket.once("error", (error: NodeJS.ErrnoException) => (reset = error.code === "ECONNRESET"));
    await client.write("GET /failing HTTP/1.0\r\n\r\n").end();
    expect(reset).toBe(true);
  });

  it("keep-alive works for what has a length", async () => {
    const client = open().write("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    await client.until(/whole$/);
    client.write("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    await client.until(/whole[^]*whole$/);
    client.reset();
  });

  it("the protocol is the client's in the environ", async () => {
    const seen: string[] = [];
    const own = await serve(
      (environ, startResponse) => {
        seen.push(environ.SERVER_PROTOCOL);
        return whole(environ, startResponse);
      },
      { port: 0 },
    );
    await new Raw(Number(new URL(own.url).port)).write("GET / HTTP/1.0\r\n\r\n").end();
    await own.close();
    expect(seen).toEqual(["HTTP/1.0"]);
  });
});

describe("the limits of a request's head", () => {
  it("one field too many: 431", async () => {
    const own = await serve(whole, { port: 0, limits: { headers: 10, headerBytes: 4000 } });
    const ownPort = Number(new URL(own.url).port);
    const fields = (count: number): string => Array.from({ length: count }, (_, i) => `X-F${i}: 1\r\n`).join("");
    const ask = (head: string): Promise<string> =>
      new Raw(ownPort).write(`GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${head}\r\n`).end();
    expect(await ask(fields(8))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await ask(fields(9))).toMatch(/^HTTP\/1\.1 431 /);
    expect(await ask(fields(300))).toMatch(/^HTTP\/1\.1 431 /);
    expect(await ask(`X-Long: ${"x".repeat(5000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    await own.close();
  });
});

describe("a client that has gone", () => {
  // An access log writes when an answer is over; on Node a closed socket has no remote address any more.
  it("is still known by its address", async () => {
    let address: string | undefined;
    const own = await serve(
      (environ, startResponse) => {
        startResponse("200 OK", []);
        return {
          async *[Symbol.asyncIterator]() {
            for (;;) {
              yield "tick";
              await new Promise((resolve) => setTimeout(resolve, 5));
            }
          },
          close: () => void (address = String(environ.REMOTE_ADDR)),
        };
      },
      { port: 0 },
    );
    const client = new Raw(Number(new URL(own.url).port)).write(GET);
    await client.until(/tick/);
    client.reset();
    await client.until(() => address !== undefined);
    expect(address).toBe("127.0.0.1");
    await own.close();
  });
});

// The answer of a request that is pipelined behind another has no connection before its turn, and was never told when
// that ended: its app waited for room for ever, and nothing of it was let go.
it.each([2, 15])("a client that resets a connection has left all %i answers that it asked for there", async (count) => {
  const gone = new Set<string>();
  let chunks = 0;
  const app: App = async function* (environ, startResponse) {
    const { PATH_INFO: path, "tsgi.signal": signal } = environ;
    signal.addEventListener("abort", () => gone.add(path));
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    for (;;) {
      yield path === "/0" ? "tick " : "x".repeat(8000);
      if (path !== "/0") chunks++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const warnings: string[] = [];
  const warn = (warning: Error): void => void warnings.push(warning.message);
  process.on("warning", warn);
  const streaming = await serve(app, { port: 0 });
  try {
    const paths = Array.from({ length: count }, (_, i) => `/${i}`);
    const socket = connect((streaming.address as { port: number }).port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""));
    // until those that wait for their turn wait for room besides
    let before = 0;
    await vi.waitFor(
      () => {
        const still = chunks > 0 && chunks === before;
        before = chunks;
        expect(still).toBe(true);
      },
      { timeout: 5000, interval: 100 },
    );
    socket.resetAndDestroy();
    await vi.waitFor(() => expect([...gone].toSorted()).toEqual(paths.toSorted()), 5000);
    expect(warnings).toEqual([]);
  } finally {
    process.off("warning", warn);
    await streaming.close();
  }
});

it("a request that waits behind another and gets its turn is told of a client that leaves then", async () => {
  const gone: string[] = [];
  const app: App = async function* (environ, startResponse) {
    const signal = environ["tsgi.signal"];
    signal.addEventListener("abort", () => gone.push(environ.PATH_INFO));
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    yield environ.PATH_INFO;
    while (environ.PATH_INFO === "/second" && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const streaming = await serve(app, { port: 0 });
  try {
    const socket = connect((streaming.address as { port: number }).port, "127.0.0.1");
    socket.on("error", () => {});
    let text = "";
    socket.on("data", (data) => (text += String(data)));
    socket.write(["/first", "/second"].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""));
    await vi.waitFor(() => expect(text).toContain("/second"), 5000);
    expect(gone).toEqual([]);
    socket.destroy();
    await vi.waitFor(() => expect(gone).toEqual(["/second"]), 5000);
  } finally {
    await streaming.close();
  }
});
