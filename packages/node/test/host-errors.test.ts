import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { App } from "@tsgi/core";
import { afterEach, describe, expect, it } from "vitest";
import { toListener } from "../src/index.ts";
import { Raw, send, start, type Started } from "./client.ts";
import { hosts, type ErrorHandler, type Express, type Handler } from "./hosts.ts";

// Errors of a mounted app, and hosts that do something to the response by themselves. An unhandled rejection or a warning
// fails these files.

const log: string[] = [];
const errorLog = { write: (text: string): void => void log.push(text), flush: (): void => {} };

const hello: App = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["hello"];
};
const failing: [string, App][] = [
  [
    "throws",
    () => {
      throw Object.assign(new Error("inside"), { status: 418 });
    },
  ],
  ["rejects", () => Promise.reject(Object.assign(new Error("inside"), { status: 418 }))],
  [
    "throws at the first pull",
    async function* (_environ, startResponse) {
      startResponse("200 OK", [["X-Lost", "1"]]);
      yield "";
      throw Object.assign(new Error("inside"), { status: 418 });
    },
  ],
];

let host: Started | undefined;
const open = async (server: Express | Handler): Promise<number> => {
  host = await start(server as Express);
  return host.port;
};
afterEach(async () => {
  await host?.stop();
  host = undefined;
  log.length = 0;
});

describe.each(hosts)("$label", ({ express }) => {
  const page: ErrorHandler = (error, _req, res, next) => {
    if (res.headersSent) return next(error);
    res.statusCode = error.status ?? 500;
    res.end(`host says: ${error.message}`);
  };

  it.each(failing)("errors: an app that %s is a plain 500 of the gateway's, and logged", async (_name, app) => {
    const got = await send(await open(express().use("/wiki", toListener(app, { errorLog })).use(page)), {
      path: "/wiki",
    });
    expect([got.status, got.text, got.headers["x-lost"]]).toEqual([500, "Internal Server Error", undefined]);
    expect(log.join("")).toContain("inside");
    expect(log.length).toBe(1);
  });

  it.each(failing)('errors: "next": an app that %s is the host\'s to answer', async (_name, app) => {
    const server = express()
      .use("/wiki", toListener(app, { errors: "next", errorLog }))
      .use(page);
    const got = await send(await open(server), { path: "/wiki" });
    expect([got.status, got.text, got.headers["x-lost"]]).toEqual([418, "host says: inside", undefined]);
    expect(log).toEqual([]);
  });

  // To a host `next()` of nothing, or of "route", says that all is well: it asked whoever came next, which a gate that had
  // failed was to keep out.
  it.each([undefined, null, "", "route", "router"])(
    'errors: "next": an app that throws %j has failed',
    async (thrown) => {
      const gate: App = () => Promise.reject(thrown);
      const server = express()
        .use(toListener(gate, { errors: "next", errorLog }))
        .use((_req, res) => void res.end("behind the gate"))
        .use(page);
      const got = await send(await open(server));
      expect([got.status, got.text]).toEqual([500, `host says: the app threw ${String(thrown)}`]);
    },
  );

  it('errors: "next" after the head has left breaks the connection', async () => {
    const late: App = async function* (_environ, startResponse) {
      startResponse("200 OK", []);
      yield "first";
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("late");
    };
    const server = express()
      .use("/wiki", toListener(late, { errors: "next", errorLog }))
      .use(page);
    await expect(send(await open(server), { path: "/wiki" })).rejects.toThrow();
    expect(log.join("")).toContain("late");
  });

  it('errors: "next" gives the host a refused body with its status', async () => {
    const reads: App = async (environ, startResponse) => {
      await environ["tsgi.input"].text();
      return hello(environ, startResponse);
    };
    const server = express()
      .use(toListener(reads, { errors: "next", limits: { body: 3 } }))
      .use(page);
    const got = await send(await open(server), { method: "POST", body: "12345" });
    expect([got.status, got.text]).toEqual([
      413,
      "host says: tsgi.input: the body is larger than 3 bytes (limits.body)",
    ]);
  });

  it("a promise of an app is waited for", async () => {
    const later = new Promise<App>((resolve) => setTimeout(() => resolve(hello), 20));
    const port = await open(express().use("/wiki", toListener(later)));
    const all = await Promise.all([send(port, { path: "/wiki" }), send(port, { path: "/wiki" })]);
    expect(all.map((got) => got.text)).toEqual(["hello", "hello"]);
  });

  it("a promise that rejects is a 500 for each request, and no unhandled rejection", async () => {
    const listener = toListener(Promise.reject<App>(new Error("no config")), { errorLog });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const port = await open(express().use("/wiki", listener));
    expect((await send(port, { path: "/wiki" })).status).toBe(500);
    expect((await send(port, { path: "/wiki" })).text).toBe("Internal Server Error");
    expect(log.length).toBe(2);
    await expect(listener[Symbol.asyncDispose]?.()).resolves.toBeUndefined();
  });

  it("an `environ` option that throws is an error of the app's", async () => {
    const bad = (): never => {
      throw new Error("no user");
    };
    const port = await open(express().use("/wiki", toListener(hello, { environ: bad, errorLog })));
    expect((await send(port, { path: "/wiki" })).status).toBe(500);
    expect(log.join("")).toContain("no user");
  });

  const slow: App = async (environ, startResponse) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return hello(environ, startResponse);
  };
  const slowStream: App = async function* (_environ, startResponse) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    startResponse("200 OK", []);
    yield "a";
    yield "b";
  };

  it.each<[string, App]>([
    ["at once", hello],
    ["later", slow],
    ["later by a stream", slowStream],
  ])(
    "a host that has answered already keeps its answer and its connection: an app that answers %s",
    async (_name, app) => {
      const server = express();
      server.use((_req, res, next) => {
        res.end("the host's");
        next();
      });
      server.use(toListener(app, { errorLog }));
      const client = new Raw(await open(server));
      client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      await client.until(/the host's$/);
      await new Promise((resolve) => setTimeout(resolve, 60));
      client.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      expect((await client.end()).match(/the host's/g)).toHaveLength(2);
      expect(log.join("")).toContain("headers after they are sent to the client");
    },
  );

  it("a host that answers in the app's place after a timeout: its answer stands", async () => {
    let closed = 0;
    const app: App = async (_environ, startResponse) => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      startResponse("200 OK", []);
      return Object.assign(["late"], { close: () => void closed++ });
    };
    const server = express();
    server.use((_req, res, next) => {
      setTimeout(() => {
        res.statusCode = 503;
        res.end("too slow");
      }, 5);
      next();
    });
    server.use(toListener(app, { errorLog }));
    const got = await send(await open(server));
    expect([got.status, got.text]).toEqual([503, "too slow"]);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(closed).toBe(1);
  });

  it.each<[string, App]>([
    ["at once", hello],
    ["later", slow],
    ["later by a stream", slowStream],
  ])("a host that destroyed the socket crashes nothing: an app that answers %s", async (_name, app) => {
    const server = express();
    let destroy = true;
    server.use((req, _res, next) => {
      if (destroy) req.socket.destroy();
      next();
    });
    server.use(toListener(app, { errorLog }));
    const port = await open(server);
    await expect(send(port)).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 60));
    destroy = false;
    expect((await send(port)).status).toBe(200);
  });

  // A Content-Length that the host had set stood above an answer of another length, and its Transfer-Encoding beside a
  // Content-Length: whoever reads the connection would find another answer in it.
  it.each<[string, string, App, string | undefined]>([
    ["Content-Length", "1", slowStream, undefined],
    ["Transfer-Encoding", "chunked", hello, "5"],
  ])("a %s of the host's gives way to the true framing", async (name, value, app, length) => {
    const server = express();
    server.use((_req, res, next) => {
      res.setHeader(name, value);
      next();
    });
    server.use(toListener(app, { errorLog }));
    const got = await send(await open(server));
    const { "content-length": said, "transfer-encoding": coding } = got.headers;
    expect([said, coding]).toEqual(length === undefined ? [undefined, "chunked"] : [length, undefined]);
    expect(got.text).toBe(app === hello ? "hello" : "ab");
  });

  it("a host whose patched writeHead throws: logged, and the connection closes", async () => {
    const server = express();
    server.use((_req, res, next) => {
      res.writeHead = (): ServerResponse => {
        throw new Error("patched");
      };
      next();
    });
    server.use(toListener(hello, { errorLog }));
    await expect(send(await open(server))).rejects.toThrow();
    expect(log.join("")).toContain("patched");
  });
});

describe("a client that leaves", () => {
  it.each(hosts)("$label: the app's signal aborts, its body is cleaned up once", async ({ express }) => {
    const seen: string[] = [];
    let begun = (): void => {};
    const ready = new Promise<void>((resolve) => (begun = resolve));
    const endless: App = (environ, startResponse) => {
      startResponse("200 OK", []);
      environ["tsgi.signal"].addEventListener("abort", () => seen.push("abort"));
      async function* chunks(): AsyncGenerator<string> {
        try {
          for (;;) {
            yield "x".repeat(1000);
            begun();
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
        } finally {
          seen.push("return");
        }
      }
      const inner = chunks();
      return { [Symbol.asyncIterator]: () => inner, close: () => void seen.push("close") };
    };
    const port = await open(express().use("/wiki", toListener(endless, { errorLog })));
    const client = new Raw(port).write("GET /wiki HTTP/1.1\r\nHost: h\r\n\r\n");
    await ready;
    await client.until(/x/);
    client.reset();
    await once(client.socket, "close");
    for (let i = 0; i < 100 && seen.length < 3; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(seen[0]).toBe("abort");
    expect(seen.toSorted()).toEqual(["abort", "close", "return"]);
    expect(log).toEqual([]);
  });
});
