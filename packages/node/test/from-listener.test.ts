import { createReadStream, openSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { cascade, mapResponse, urlmap, validator, type App, type Environ } from "@tsgi/core";
import { afterEach, describe, expect, it } from "vitest";
import { fromListener, serve, type FromListenerOptions, type ListenerLike } from "../src/index.ts";
import { Raw, send } from "./client.ts";

// What a listener for node:http sees and what becomes of its answer; with real frameworks in from-listener-hosts.test.ts,
// on the other runtimes in from-listener-runtimes.test.ts.

const errors: string[] = [];
const stops: (() => Promise<void>)[] = [];
async function open(app: App): Promise<number> {
  const errorLog = { write: (text: string) => void errors.push(text), flush() {} };
  const server = await serve(app, { port: 0, errorLog, grace: 0 });
  stops.push(() => server.close());
  return server.address.kind === "tcp" ? server.address.port : 0;
}
const listen = (
  listener: (req: IncomingMessage, res: ServerResponse) => unknown,
  options?: FromListenerOptions,
): Promise<number> => open(fromListener(listener, options));
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  errors.length = 0;
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the request", () => {
  const show = (req: IncomingMessage, res: ServerResponse): void => {
    const { url, method, httpVersion, headers, rawHeaders } = req;
    const { originalUrl, baseUrl } = req as { originalUrl?: string; baseUrl?: string };
    res.setHeader("Content-Type", "application/json");
    res.end(JSON.stringify({ url, originalUrl, baseUrl, method, httpVersion, headers, rawHeaders }));
  };

  it("its url is the path below the mount and the query, encoded again; the whole is originalUrl", async () => {
    const port = await open(urlmap({ "/old": fromListener(show), "/full": fromListener(show, { path: "full" }) }));
    const at = async (path: string): Promise<object> => JSON.parse((await send(port, { path })).text) as object;
    expect(await at("/old/a%20b/%C3%A9/c%2Fd/e:f?x=%20&y")).toMatchObject({
      url: "/a%20b/%C3%A9/c%2Fd/e:f?x=%20&y",
      originalUrl: "/old/a%20b/%C3%A9/c%2Fd/e:f?x=%20&y",
      baseUrl: "/old",
    });
    expect(await at("/old")).toMatchObject({ url: "/", originalUrl: "/old", baseUrl: "/old" });
    expect(await at("/old?q")).toMatchObject({ url: "/?q", originalUrl: "/old?q" });
    expect(await at("/full/x?q")).toMatchObject({ url: "/full/x?q", originalUrl: "/full/x?q", baseUrl: "" });
  });

  it("a path that climbs is resolved before the listener sees it, as a guard before it saw it", async () => {
    const port = await listen(show);
    const { text } = await send(port, { path: "/public/../secret/./x%2e%2e" });
    expect(JSON.parse(text)).toMatchObject({ url: "/secret/x.." });
  });

  it("fields are there as they came: repeated, in their order and case, and joined", async () => {
    const port = await listen(show);
    const raw = new Raw(port);
    raw.write(
      "GET / HTTP/1.1\r\nHost: h\r\nX-Twice: a\r\nx-twice: b\r\nCookie: c=1\r\nCookie: d=2\r\nConnection: close\r\n\r\n",
    );
    await raw.end();
    expect(JSON.parse(raw.text.slice(raw.text.indexOf("\r\n\r\n")))).toMatchObject({
      method: "GET",
      httpVersion: "1.1",
      headers: { host: "h", "x-twice": "a, b", cookie: "c=1; d=2" },
      rawHeaders: [
        "Host",
        "h",
        "X-Twice",
        "a",
        "x-twice",
        "b",
        "Cookie",
        "c=1",
        "Cookie",
        "d=2",
        "Connection",
        "close",
      ],
    });
  });

  // A field called "constructor" was a 500: it met what every object inherits.
  it("a field may be called as what objects inherit", async () => {
    const port = await listen(show);
    const { headers } = JSON.parse((await send(port, { headers: { constructor: "1", valueof: "2" } })).text) as {
      headers: Record<string, string>;
    };
    expect(headers).toMatchObject({ constructor: "1", valueof: "2" });
  });

  it("what a filter has made of the environ is what the listener sees", async () => {
    const inner = fromListener((req, res) => {
      const { environ } = req as unknown as { environ: Environ };
      res.end(
        `${req.url} ${String(req.headers["x-secret"])} ${String(req.headers["x-new"])} ${req.rawHeaders.includes("X-Secret")} ${environ.REMOTE_USER ?? ""} ${req.socket.remoteAddress ?? ""} ${String((req.socket as { encrypted?: boolean }).encrypted)}`,
      );
    });
    const port = await open((environ, start) => {
      environ.PATH_INFO = "/elsewhere";
      delete environ["HTTP_X_SECRET"];
      environ["HTTP_X_NEW"] = "new";
      environ.REMOTE_USER = "ann";
      environ.REMOTE_ADDR = "192.0.2.7";
      environ["tsgi.url_scheme"] = "https";
      return inner(environ, start);
    });
    const got = await send(port, { path: "/x", headers: { "X-Secret": "1" } });
    expect(got.text).toBe("/elsewhere undefined new false ann 192.0.2.7 true");
  });

  it("its body is a stream, and is whole; a reader that stops stops the client", async () => {
    let taken = 0;
    let go = (): void => {};
    const port = await listen((req, res) => {
      req.once("data", (chunk: Buffer) => {
        taken += chunk.length;
        req.pause();
        go = () => {
          req.on("data", (more: Buffer) => (taken += more.length));
          req.resume();
        };
      });
      req.on("end", () => res.end(String(taken)));
    });
    const size = 32 * 1024 * 1024;
    const client = new Raw(port);
    client.write(`POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`);
    const room = client.socket.write(Buffer.alloc(size));
    expect(room).toBe(false);
    await expect.poll(() => taken).toBeGreaterThan(0);
    const before = taken;
    for (let i = 0; i < 200; i++) await turn();
    // what was taken ahead is within the buffers, however much the client would send
    expect([taken, client.socket.writableLength > size / 4]).toEqual([before, true]);
    go();
    await client.end();
    expect(client.text).toMatch(new RegExp(`\r\n\r\n${size}$`));
  });

  it("a body over the gateway's limit is an error with its status", async () => {
    const app = fromListener((req, res) => {
      req.on("error", (error: Error & { status?: number }) => {
        res.statusCode = error.status ?? 599;
        res.end("too large");
      });
      req.resume();
    });
    const server = await serve(app, { port: 0, limits: { body: 1000 }, grace: 0 });
    stops.push(() => server.close());
    const port = server.address.kind === "tcp" ? server.address.port : 0;
    const got = await send(port, { method: "POST", body: "x".repeat(2000) });
    expect([got.status, got.text]).toEqual([413, "too large"]);
  });

  it("a body that nobody reads stands in nobody's way", async () => {
    const port = await listen((req, res) => {
      req.on("close", () => {});
      res.end("unread");
    });
    const client = new Raw(port);
    const body = "x".repeat(1000);
    const post = `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n`;
    client.write(`${post}\r\n${body}${post}Connection: close\r\n\r\n${body}`);
    await client.end();
    expect(client.text.match(/unread/g)).toHaveLength(2);
  });
});

describe("the answer", () => {
  it("status, reason, fields and cookies reach the client", async () => {
    const port = await listen((_req, res) => {
      res.statusMessage = "Quite Fine";
      res.setHeader("Set-Cookie", ["a=1", "b=2"]);
      res.setHeader("X-Number", 7);
      res.appendHeader("X-More", "1");
      res.appendHeader("X-More", ["2", "3"]);
      res.setHeader("X-Gone", "x").removeHeader("x-gone");
      res.setHeader("Connection", "close").setHeader("Keep-Alive", "timeout=1");
      res.writeHead(201, { "X-Late": "late", "Content-Type": "text/plain" });
      res.end("made");
    });
    const got = await send(port);
    expect([got.status, got.reason, got.text]).toEqual([201, "Quite Fine", "made"]);
    expect(got.cookies).toEqual(["a=1", "b=2"]);
    expect(got.headers).toMatchObject({
      "x-number": "7",
      "x-more": "1, 2, 3",
      "x-late": "late",
      "content-length": "4",
    });
    expect(got.headers).not.toHaveProperty("x-gone");
    // the connection is the gateway's
    expect(got.headers["keep-alive"]).not.toBe("timeout=1");
  });

  it.each([
    ["an object", { "X-A": "2", "Set-Cookie": ["c=1", "d=2"] }],
    ["names and values in turn", ["X-A", "2", "Set-Cookie", "c=1", "Set-Cookie", "d=2"]],
    [
      "a list of pairs",
      [
        ["X-A", "2"],
        ["Set-Cookie", "c=1"],
        ["Set-Cookie", "d=2"],
      ],
    ],
  ])("writeHead takes %s, which goes before what was set", async (_name, fields) => {
    const port = await listen((_req, res) => {
      res.setHeader("X-A", "1");
      res.writeHead(200, "Fine", fields as never).end("x");
    });
    const got = await send(port);
    expect([got.headers["x-a"], got.cookies, got.reason]).toEqual(["2", ["c=1", "d=2"], "Fine"]);
  });

  it("asks and refusals are node:http's", async () => {
    const seen: unknown[] = [];
    const codeOf = (action: () => unknown): unknown => {
      try {
        return action();
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    const port = await listen((req, res) => {
      res.setHeader("X-One", ["1"]);
      seen.push(res.headersSent, res.getHeader("x-ONE"), res.hasHeader("X-one"), res.getHeaderNames(), res.req === req);
      seen.push(
        codeOf(() => res.setHeader("bad name", "x")),
        codeOf(() => res.setHeader("X", "a\r\nb")),
      );
      seen.push(
        codeOf(() => res.setHeader("X", undefined as never)),
        codeOf(() => res.writeHead(7)),
      );
      res.write("x");
      seen.push(
        res.headersSent,
        res.writableEnded,
        codeOf(() => res.setHeader("X", "1")),
        codeOf(() => res.writeHead(200)),
      );
      seen.push(
        codeOf(() => res.removeHeader("X-One")),
        codeOf(() => res.write(7 as never)),
      );
      res.end();
      seen.push(
        res.writableEnded,
        res.finished,
        codeOf(() => res.end()),
      );
    });
    await send(port);
    const sent = "ERR_HTTP_HEADERS_SENT";
    expect(seen.slice(0, 5)).toEqual([false, ["1"], true, ["x-one"], true]);
    expect(seen.slice(5, 9)).toEqual([
      "ERR_INVALID_HTTP_TOKEN",
      "ERR_INVALID_CHAR",
      "ERR_HTTP_INVALID_HEADER_VALUE",
      "ERR_HTTP_INVALID_STATUS_CODE",
    ]);
    expect(seen.slice(9, 15)).toEqual([true, false, sent, sent, sent, "ERR_INVALID_ARG_TYPE"]);
    expect(seen.slice(15, 17)).toEqual([true, true]);
  });

  it("its events come in order: chunks taken, finish, close", async () => {
    const seen: string[] = [];
    let closed = (): void => {};
    const done = new Promise<void>((resolve) => (closed = resolve));
    const port = await listen((_req, res) => {
      res.on("finish", () => seen.push("finish"));
      res.on("close", () => {
        seen.push(`close ${res.writableFinished}`);
        closed();
      });
      res.write("a", () => seen.push("a"));
      res.write(Buffer.from("b"), () => seen.push("b"));
      res.end("c", () => seen.push("end"));
    });
    expect((await send(port)).text).toBe("abc");
    await done;
    expect(seen).toEqual(["a", "b", "end", "finish", "close true"]);
  });

  it("the head leaves before the first chunk when it is flushed", async () => {
    let go = (): void => {};
    const port = await listen((_req, res) => {
      res.setHeader("Content-Type", "text/event-stream");
      res.flushHeaders();
      go = () => res.end("data: 1\n\n");
    });
    const client = new Raw(port);
    client.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    await client.until(/text\/event-stream[^]*\r\n\r\n/);
    go();
    await client.end();
    expect(client.text).toContain("data: 1");
  });

  it("a client that reads slowly stops the listener: write says so, and drain when there is room", async () => {
    let written = 0;
    let drains = 0;
    let stopped = false;
    const total = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(64 * 1024, "x");
    const port = await listen((_req, res) => {
      const more = (): void => {
        stopped = false;
        while (written < total) {
          written += chunk.length;
          if (!res.write(chunk)) {
            stopped = true;
            return;
          }
        }
        res.end();
      };
      res.on("drain", () => {
        drains++;
        more();
      });
      more();
    });
    const client = new Raw(port);
    client.socket.pause();
    client.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    let before = -1;
    // it comes to rest once the buffers of both ends are full
    for (let still = 0; still < 300; still = written === before && stopped ? still + 1 : 0) {
      before = written;
      await turn();
    }
    expect(written).toBeLessThan(total / 2);
    client.socket.resume();
    await client.end();
    expect(written).toBe(total);
    expect(drains).toBeGreaterThan(10);
    expect(client.text.length).toBeGreaterThan(total);
  });

  it.each([
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304],
  ])("%s %i has no body, and a file that is piped all the same is read to its end and closed", async (method, code) => {
    const file = fileURLToPath(new URL("../package.json", import.meta.url));
    let closed = (): void => {};
    const done = new Promise<void>((resolve) => (closed = resolve));
    const port = await listen((_req, res) => {
      res.statusCode = code;
      createReadStream("", { fd: openSync(file, "r"), highWaterMark: 64 })
        .on("close", closed)
        .pipe(res);
    });
    const got = await send(port, { method });
    expect([got.status, got.text]).toEqual([code, ""]);
    await done;
  });

  it("HEAD of an endless answer ends, and tells the listener", async () => {
    let closed = (): void => {};
    const done = new Promise<void>((resolve) => (closed = resolve));
    const port = await listen((_req, res) => {
      const timer = setInterval(() => res.write("data: x\n\n"), 20);
      res.on("close", () => {
        clearInterval(timer);
        closed();
      });
      res.flushHeaders();
    });
    expect((await send(port, { method: "HEAD" })).status).toBe(200);
    await done;
  });

  it("writing after the end is said in the log, and harms neither the answer nor the process", async () => {
    let told: unknown;
    const port = await listen((_req, res) => {
      res.end("whole");
      res.write("late", (error) => (told = (error as { code?: string }).code));
      res.end("later");
    });
    expect((await send(port)).text).toBe("whole");
    expect(told).toBe("ERR_STREAM_WRITE_AFTER_END");
    await expect.poll(() => errors.join("")).toContain("write after end");
  });

  it("a timeout that nobody listens for ends the connection, one that is heard is the listener's", async () => {
    const port = await listen((req, res) => {
      if (req.url === "/heard") res.setTimeout(10, () => res.writeHead(503).end("slow"));
      else {
        res.setTimeout(10);
        res.write("begun");
      }
    });
    expect((await send(port, { path: "/heard" })).status).toBe(503);
    await expect(send(port, { path: "/" })).rejects.toThrow(/aborted|hang up/);
  });

  // The timeout of an answer that was out fired all the same, and the listener's `writeHead` in it threw where nobody
  // catches: the process ended.
  it.each(["req", "res"] as const)("a timeout of %s that an answer keeps does not fire later", async (whose) => {
    let fired = false;
    const port = await listen((req, res) => {
      ({ req, res })[whose].setTimeout(20, () => (fired = true));
      res.end("in time");
    });
    expect((await send(port)).text).toBe("in time");
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(fired).toBe(false);
  });

  // `write(123)` threw with the head already fixed: what an error handler then set came too late, and the answer was a 200.
  it.each([
    ["a number", 123],
    ["null", null],
  ])("what is no chunk, %s, is refused before the head is fixed", async (_name, chunk) => {
    const port = await listen((_req, res) => {
      try {
        res.write(chunk);
      } catch {
        res.writeHead(503).end(String(chunk));
      }
    });
    expect((await send(port)).status).toBe(503);
  });

  // `setHeaders` added its cookies to those before, which node:http replaces.
  it("setHeaders puts its cookies in the place of those before", async () => {
    const port = await listen((_req, res) => {
      res.setHeader("Set-Cookie", "old=1");
      res.setHeaders(
        new Headers([
          ["Set-Cookie", "a=1"],
          ["Set-Cookie", "b=2"],
        ]),
      );
      res.end();
    });
    expect((await send(port)).cookies).toEqual(["a=1", "b=2"]);
  });
});

describe("a client that leaves", () => {
  const leaving = async (begin: boolean): Promise<string[]> => {
    const seen: string[] = [];
    let started = (): void => {};
    let over = (): void => {};
    const begun = new Promise<void>((resolve) => (started = resolve));
    const done = new Promise<void>((resolve) => (over = resolve));
    const port = await listen((req, res) => {
      req.on("aborted", () => seen.push("req aborted"));
      req.on("close", () => seen.push("req close"));
      req.socket.on("close", () => seen.push("socket close"));
      res.on("finish", () => seen.push("res finish"));
      res.on("close", () => {
        seen.push("res close");
        setImmediate(over);
      });
      if (begin) res.write("begun");
      started();
    });
    const client = new Raw(port);
    client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await begun;
    if (begin) await client.until(/begun/);
    client.socket.destroy();
    await done;
    return seen.sort();
  };

  it.each([
    ["before the head", false],
    ["in the middle of the answer", true],
  ])("%s: request, response and socket say so, and no log does", async (_name, begin) => {
    expect(await leaving(begin)).toEqual(["req aborted", "req close", "res close", "socket close"]);
    expect(errors).toEqual([]);
  });
});

describe("errors", () => {
  it.each<[string, ListenerLike]>([
    [
      "a throw",
      () => {
        throw new Error("the database is away");
      },
    ],
    ["a rejection", () => Promise.reject(new Error("the database is away"))],
    ["next(error)", (_req, _res, next) => next(new Error("the database is away"))],
    ["a destroyed response", (_req, res) => void res.destroy(new Error("the database is away"))],
    [
      "a header that cannot be sent",
      (_req, res) => {
        res.setHeader("Content-Length", "the database is away");
        res.end("x");
      },
    ],
  ])("%s before the head is the gateway's 500, and stands in the log", async (_name, listener) => {
    const port = await open(fromListener(listener));
    const got = await send(port);
    expect([got.status, got.text]).toEqual([500, "Internal Server Error"]);
    expect(errors.join("")).toContain("the database is away");
  });

  it("an error after the head breaks the answer, so that it cannot pass for a whole one", async () => {
    const port = await listen(async (_req, res) => {
      res.write("half");
      await turn();
      await turn();
      throw new Error("in the middle");
    });
    await expect(send(port)).rejects.toThrow(/aborted|hang up/);
    expect(errors.join("")).toContain("in the middle");
  });

  it("a socket that is destroyed breaks the answer", async () => {
    const port = await listen((req, res) => {
      res.write("half", () => setTimeout(() => req.socket.destroy(), 10));
    });
    await expect(send(port)).rejects.toThrow(/aborted|hang up/);
  });

  // The listener had broken off its request, as a failed `pipeline` does, and the client waited for ever: node:http would
  // have closed the connection.
  it.each<[string, (req: IncomingMessage) => unknown]>([
    ["a request that is destroyed with an error", (req) => req.destroy(new Error("no gzip"))],
    ["a socket that is ended", (req) => req.socket.end()],
  ])("%s ends the answer", async (_name, end) => {
    const port = await listen((req) => void end(req));
    expect((await send(port, { method: "POST", body: "x" })).status).toBe(500);
  });

  // What a response was given after its destruction was logged as one more error, and `headersSent` said yes.
  it("an end after the destruction is no error of its own", async () => {
    let sent: boolean | undefined;
    const port = await listen((_req, res) => {
      res.destroy(new Error("given up"));
      res.end("late");
      sent = res.headersSent;
    });
    expect((await send(port)).status).toBe(500);
    expect([sent, errors.length]).toEqual([false, 1]);
  });

  it("next() without a route is a 404, and keeps what was set", async () => {
    const port = await open(
      fromListener((_req, res, next) => {
        res.setHeader("X-Before", "1");
        next();
      }),
    );
    const got = await send(port);
    expect([got.status, got.text, got.headers["x-before"]]).toEqual([404, "Not Found", "1"]);
  });

  it.each([[null], [undefined], ["express"], [{}], [7]])("%s is no listener", (value) => {
    expect(() => fromListener(value as never)).toThrow(/^fromListener: .* was given; a function \(req, res\)/);
  });

  it("an unknown option is refused by name", () => {
    expect(() => fromListener(() => {}, { mounted: true } as never)).toThrow(/option "mounted" is unknown/);
    expect(() => fromListener(() => {}, { path: "whole" } as never)).toThrow(/path is "whole"/);
  });
});

describe("what is taken for a listener", () => {
  const hello = (_req: IncomingMessage, res: ServerResponse): void => void res.end("hello");

  it.each<[string, () => ListenerLike]>([
    ["a function", () => hello],
    ["an http.Server", () => createServer(hello)],
    ["an object with handle", () => ({ handle: hello })],
    [
      "a Fastify instance, once it is ready",
      () => {
        let isReady = false;
        return {
          ready: async () => void (isReady = true),
          routing: (req: IncomingMessage, res: ServerResponse) => (isReady ? hello(req, res) : res.end("not ready")),
        };
      },
    ],
  ])("%s", async (_name, make) => {
    expect((await send(await open(fromListener(make())))).text).toBe("hello");
  });

  it("an http.Server that nobody listens on is a 404, and is left alone at the end", async () => {
    const app = fromListener(createServer());
    expect((await send(await open(app))).status).toBe(404);
    expect(app[Symbol.asyncDispose]).toBeUndefined();
  });

  it("the end of the app is the listener's", async () => {
    let ended = 0;
    const app = fromListener(Object.assign(() => {}, { [Symbol.asyncDispose]: async () => void ended++ }));
    await app[Symbol.asyncDispose]?.();
    expect(ended).toBe(1);
  });
});

describe("filters", () => {
  it("find nothing wrong with it", async () => {
    const plain = fromListener(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      res.setHeader("Content-Type", "text/plain");
      if (req.url === "/whole") res.end(Buffer.concat(chunks));
      else {
        res.write("got ");
        await turn();
        res.end(Buffer.concat(chunks));
      }
    });
    const port = await open(validator(plain));
    for (const path of ["/whole", "/pieces"]) {
      const got = await send(port, { method: "POST", path, body: "body" });
      expect([got.status, got.text.slice(-4)]).toEqual([200, "body"]);
    }
    expect((await send(port, { method: "HEAD" })).status).toBe(200);
    expect(errors).toEqual([]);
  });

  it("see the head and the chunks", async () => {
    const upper = mapResponse(
      fromListener((_req, res) => {
        res.setHeader("X-Inner", "1");
        res.write("one ");
        setImmediate(() => res.end("two"));
      }),
      {
        head: (status, headers) => [status.replace("200 OK", "203 Changed"), [...headers, ["X-Outer", "2"]]],
        chunk: (chunk) => Buffer.from(chunk).toString().toUpperCase(),
      },
    );
    const got = await send(await open(upper));
    expect([got.status, got.text]).toEqual([203, "ONE TWO"]);
    expect(got.headers).toMatchObject({ "x-inner": "1", "x-outer": "2" });
  });

  it("cascade goes on from a listener's 404, whose response ends", async () => {
    let finished = (): void => {};
    const done = new Promise<void>((resolve) => (finished = resolve));
    const none = fromListener((_req, res) => {
      res.on("close", finished);
      res.statusCode = 404;
      res.write("no ");
      res.end("such page");
    });
    const port = await open(cascade([none, fromListener((_req, res) => void res.end("found"))]));
    expect((await send(port)).text).toBe("found");
    await done;
  });

  it("a listener that compresses by itself goes through as it is", async () => {
    const { createGzip } = await import("node:zlib");
    const port = await listen((_req, res) => {
      res.setHeader("Content-Encoding", "gzip");
      const gzip = createGzip();
      gzip.pipe(res);
      for (let i = 0; i < 1000; i++) gzip.write(`line ${i}\n`);
      gzip.end();
    });
    const got = await send(port);
    expect(gunzipSync(got.bytes).toString()).toMatch(/^line 0\n[^]*line 999\n$/);
  });
});
