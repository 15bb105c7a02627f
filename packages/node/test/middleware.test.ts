import { gunzipSync } from "node:zlib";
import { urlmap, type App } from "@tsgi/core";
import { afterEach, describe, expect, it } from "vitest";
import { toListener } from "../src/index.ts";
import { Raw, send, start, type Started } from "./client.ts";
import { compression, hosts, morgan, onHeaders, session, type Express, type HostRequest } from "./hosts.ts";

// What a host and its middleware do to the response must survive: on Node 20 a flat header array given to a patched
// writeHead loses the host's Set-Cookie or ours, and on-headers turns it into garbage.

const text = (body: string, ...headers: [string, string][]): App => {
  return (_environ, startResponse) => {
    startResponse("200 OK", [["Content-Type", "text/plain"], ...headers]);
    return [body];
  };
};
const streamed = (...chunks: string[]): App =>
  async function* (_environ, startResponse) {
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    for (const chunk of chunks) {
      await new Promise((resolve) => setImmediate(resolve));
      yield chunk;
    }
  };

let host: Started | undefined;
const open = async (server: Express): Promise<number> => {
  host = await start(server);
  return host.port;
};
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

describe.each(hosts)("$label", ({ express }) => {
  const apps: [string, App][] = [
    ["a whole answer", text("hello", ["Set-Cookie", "app=1"], ["Set-Cookie", "app2=2; Path=/"])],
    [
      "a stream",
      async function* (_environ, startResponse) {
        startResponse("200 OK", [
          ["Set-Cookie", "app=1"],
          ["Set-Cookie", "app2=2; Path=/"],
        ]);
        await new Promise((resolve) => setImmediate(resolve));
        yield "hel";
        yield "lo";
      },
    ],
    [
      "an answer without a body",
      (_environ, startResponse) => {
        startResponse("204 No Content", [
          ["Set-Cookie", "app=1"],
          ["Set-Cookie", "app2=2; Path=/"],
        ]);
        return [];
      },
    ],
    [
      "a thrown error after startResponse",
      (_environ, startResponse) => {
        startResponse("200 OK", [["Set-Cookie", "lost=1"]]);
        throw new Error("inside");
      },
    ],
  ];

  it.each(apps.slice(0, 3))("cookies of host, session and app all reach the client: %s", async (_name, app) => {
    const server = express();
    server.use(session({ secret: "s", resave: false, saveUninitialized: true }));
    server.use((_req, res, next) => {
      res.setHeader("Set-Cookie", ["host=1", "host2=2"]);
      next();
    });
    server.use("/wiki", toListener(app));
    const got = await send(await open(server), { path: "/wiki/x" });
    expect(got.cookies.map((cookie) => cookie.split("=")[0])).toEqual(["host", "host2", "app", "app2", "connect.sid"]);
  });

  it("the gateway's own 500 keeps the host's cookies, not the app's", async () => {
    const server = express();
    server.use(session({ secret: "s", resave: false, saveUninitialized: true }));
    server.use("/wiki", toListener(apps[3][1], { errorLog: { write() {}, flush() {} } }));
    const got = await send(await open(server), { path: "/wiki" });
    expect([got.status, got.text]).toEqual([500, "Internal Server Error"]);
    expect(got.cookies.map((cookie) => cookie.split("=")[0])).toEqual(["connect.sid"]);
  });

  it("the session that the app changes is saved before the answer ends", async () => {
    const count: App = async function* (environ, startResponse) {
      const { req } = environ["tsgi.native"]["node"] as { req: HostRequest };
      const store = req.session as Record<string, unknown>;
      store["views"] = Number(store["views"] ?? 0) + 1;
      startResponse("200 OK", []);
      yield String(store["views"]);
    };
    const server = express();
    server.use(session({ secret: "s", resave: false, saveUninitialized: false }));
    server.use("/wiki", toListener(count));
    const port = await open(server);
    const first = await send(port, { path: "/wiki" });
    const cookie = first.cookies[0].split(";")[0];
    const second = await send(port, { path: "/wiki", headers: { cookie } });
    const third = await send(port, { path: "/wiki", headers: { cookie } });
    expect([first.text, second.text, third.text]).toEqual(["1", "2", "3"]);
  });

  it("headers of the host survive, and the app's take the place of those of the same name", async () => {
    const server = express();
    server.use((_req, res, next) => {
      res.setHeader("X-Host", "host");
      res.setHeader("Cache-Control", "no-store");
      res.setHeader("Vary", "Origin");
      next();
    });
    server.use("/wiki", toListener(text("x", ["cache-control", "max-age=1"], ["Link", "<a>"], ["Link", "<b>"])));
    const { headers } = await send(await open(server), { path: "/wiki" });
    expect(headers).toMatchObject({
      "x-powered-by": "Express",
      "x-host": "host",
      "cache-control": "max-age=1",
      vary: "Origin",
      link: "<a>, <b>",
      "content-length": "1",
    });
  });

  it("compression compresses a whole answer", async () => {
    const long = "tsgi ".repeat(5000);
    const server = express();
    server.use(compression());
    server.use("/wiki", toListener(text(long)));
    const got = await send(await open(server), { path: "/wiki", headers: { "accept-encoding": "gzip" } });
    expect([got.headers["content-encoding"], got.headers["content-length"]]).toEqual(["gzip", undefined]);
    expect(gunzipSync(got.bytes).toString()).toBe(long);
    expect(got.bytes.length).toBeLessThan(long.length / 10);
    const plain = await send(host?.port as number, { path: "/wiki" });
    expect([plain.headers["content-encoding"], plain.text.length]).toEqual([undefined, long.length]);
  });

  it("compression compresses a long stream, with back-pressure and without a leak of listeners", async () => {
    // each chunk fills the buffers: a listener that is put on at each wait would be a hundred of them
    const chunk = Array.from({ length: 4000 }, (_, i) => `${(i * 2654435761) % 4294967296} `).join("");
    const server = express();
    server.use(compression());
    server.use("/wiki", toListener(streamed(...Array.from({ length: 100 }, () => chunk))));
    const got = await send(await open(server), { path: "/wiki", headers: { "accept-encoding": "gzip" } });
    expect(got.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(got.bytes).toString()).toBe(chunk.repeat(100));
  });

  it("compression holds no event back while the app is silent", async () => {
    let go = (): void => {};
    const events: App = async function* (_environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      yield "data: first\n\n";
      await new Promise<void>((resolve) => (go = resolve));
      yield "data: second\n\n";
    };
    const server = express();
    server.use(compression({ threshold: 0 }));
    server.use("/events", toListener(events));
    const client = new Raw(await open(server));
    client.write("GET /events HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n");
    await client.until(/Content-Encoding: gzip[^]*\r\n\r\n[^]{20}/);
    go();
    await client.end();
  });

  it("morgan logs status and length", async () => {
    const lines: string[] = [];
    const server = express();
    server.use(
      morgan(":method :url :status :res[content-length]", { stream: { write: (line) => void lines.push(line) } }),
    );
    server.use("/wiki", toListener(urlmap({ "/ok": text("hello"), "/slow": streamed("a", "b") })));
    const port = await open(server);
    await send(port, { path: "/wiki/ok" });
    await send(port, { path: "/wiki/slow" });
    await send(port, { path: "/wiki/none" });
    await send(port, { method: "HEAD", path: "/wiki/ok" });
    expect(lines).toEqual([
      "GET /wiki/ok 200 5\n",
      "GET /wiki/slow 200 -\n",
      "GET /wiki/none 404 10\n",
      "HEAD /wiki/ok 200 5\n",
    ]);
  });

  it.each(onHeaders)("on-headers $version sees and changes the head", async ({ onHeaders: listen }) => {
    const seen: unknown[] = [];
    const server = express();
    server.use((_req, res, next) => {
      res.setHeader("Set-Cookie", "host=1");
      listen(res, function () {
        seen.push(
          this.statusCode,
          this.getHeader("content-type"),
          this.getHeader("x-app"),
          this.getHeader("set-cookie"),
        );
        this.setHeader("X-Late", "late");
        this.removeHeader("X-App");
      });
      next();
    });
    server.use("/wiki", toListener(text("hello", ["X-App", "1"], ["Set-Cookie", "app=1"])));
    const got = await send(await open(server), { path: "/wiki" });
    expect(seen).toEqual([200, "text/plain", "1", ["host=1", "app=1"]]);
    expect([got.headers["x-late"], got.headers["x-app"], got.text]).toEqual(["late", undefined, "hello"]);
    expect(got.cookies).toEqual(["host=1", "app=1"]);
  });

  it.each(onHeaders)(
    "all at once: session, compression, morgan, on-headers $version",
    async ({ onHeaders: listen }) => {
      const lines: string[] = [];
      const server = express();
      server.use(morgan(":status", { stream: { write: (line) => void lines.push(line) } }));
      server.use(compression({ threshold: 0 }));
      server.use(session({ secret: "s", resave: false, saveUninitialized: true }));
      server.use((_req, res, next) => {
        listen(res, function () {
          this.setHeader("X-Late", "late");
        });
        next();
      });
      server.use("/wiki", toListener(streamed("a".repeat(1000), "b".repeat(1000))));
      const got = await send(await open(server), { path: "/wiki", headers: { "accept-encoding": "gzip" } });
      expect(gunzipSync(got.bytes).toString()).toBe("a".repeat(1000) + "b".repeat(1000));
      expect([got.headers["x-late"], got.cookies.length, lines]).toEqual(["late", 1, ["200\n"]]);
    },
  );

  it("the host's keys come by the `environ` option, per request", async () => {
    const who: App = (environ, startResponse) => {
      startResponse("200 OK", []);
      return [`${environ.REMOTE_USER ?? "nobody"} ${"REMOTE_USER" in environ}`];
    };
    const server = express();
    server.use((req: HostRequest, _res, next) => {
      if (req.url !== "/wiki/anonymous") req.user = { id: "ann" };
      next();
    });
    server.use("/wiki", toListener(who, { environ: (req) => ({ REMOTE_USER: (req as HostRequest).user?.id }) }));
    const port = await open(server);
    expect((await send(port, { path: "/wiki" })).text).toBe("ann true");
    expect((await send(port, { path: "/wiki/anonymous" })).text).toBe("nobody false");
  });
});
