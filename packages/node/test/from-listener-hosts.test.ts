import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { urlmap, type App } from "@tsgi/core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fromListener, serve } from "../src/index.ts";
import { Raw, send } from "./client.ts";
import {
  compression,
  hosts,
  morgan,
  onHeaders,
  session,
  type ErrorHandler,
  type Handler,
  type HostRequest,
} from "./hosts.ts";

// Real frameworks and their middleware as apps. Express gives each request and response a prototype of its own, and
// middleware puts its own write, end and writeHead in the place of ours: all of it must keep working.

type SendingResponse = ServerResponse & {
  send(body: unknown): void;
  sendFile(path: string): void;
};
type Routes = { use(...given: unknown[]): void; get(path: string, handler: unknown): void };
const require = createRequire(import.meta.url);
const serveStatic = Object.fromEntries(
  hosts.map(({ label }, i) => [
    label,
    (require(["express-4", "express"][i]) as { static(root: string, options?: object): Handler }).static,
  ]),
);

let folder = "";
const long = "tsgi ".repeat(50_000);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tsgi-listener-"));
  await writeFile(join(folder, "long.txt"), long);
  await mkdir(join(folder, "deeper"));
  await writeFile(join(folder, "deeper", "index.html"), "<p>deeper");
});
afterAll(() => rm(folder, { recursive: true }));

const stops: (() => Promise<void>)[] = [];
const logged: string[] = [];
async function open(app: App): Promise<number> {
  const errorLog = { write: (text: string) => void logged.push(text), flush() {} };
  const server = await serve(app, { port: 0, errorLog, grace: 0 });
  stops.push(() => server.close());
  return server.address.kind === "tcp" ? server.address.port : 0;
}
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  logged.length = 0;
});

describe.each(hosts)("$label", ({ label, express }) => {
  it("sees the mount as when it is mounted itself; routers inside add up", async () => {
    const server = express();
    const router = express.Router();
    (router as unknown as Routes).get("/:name", (req: HostRequest & Record<string, unknown>, res: SendingResponse) =>
      res.send(
        [
          req.url,
          req["baseUrl"],
          req["originalUrl"],
          (req["params"] as { name: string }).name,
          req["ip"],
          req["protocol"],
        ].join(" "),
      ),
    );
    server.use("/in", router);
    const port = await open(urlmap({ "/old": fromListener(server) }));
    const got = await send(port, { path: "/old/in/a%20b?q=1" });
    expect(got.text).toBe("/a%20b?q=1 /old/in /old/in/a%20b?q=1 a b 127.0.0.1 http");
    expect(got.headers).toMatchObject({ "x-powered-by": "Express", "content-length": String(got.text.length) });
  });

  it("its own 404 and its own error page are what the client gets", async () => {
    const server = express();
    server.use("/broken", () => {
      throw Object.assign(new Error("out of tea"), { status: 418 });
    });
    const ownPage: ErrorHandler = (error, _req, res, next) => {
      if (error.status !== 418) next(error);
      else res.writeHead(418).end(`own page: ${error.message}`);
    };
    server.use(ownPage);
    const port = await open(fromListener(server));
    const none = await send(port, { path: "/none" });
    expect([none.status, none.text]).toEqual([404, expect.stringContaining("Cannot GET /none")]);
    const broken = await send(port, { path: "/broken" });
    expect([broken.status, broken.text]).toEqual([418, "own page: out of tea"]);
    expect(logged).toEqual([]);
  });

  it("a bare router hands on: no route is the gateway's 404, an error its 500", async () => {
    const router = express.Router();
    router.use("/broken", (_req, _res, next) => next(new Error("router's error")));
    const port = await open(fromListener(router as unknown as Handler));
    expect((await send(port, { path: "/none" })).text).toBe("Not Found");
    expect((await send(port, { path: "/broken" })).text).toBe("Internal Server Error");
    expect(logged.join("")).toContain("router's error");
  });

  it("body parsers read JSON, forms and chunked bodies, and refuse what is none", async () => {
    const server = express();
    server.use(express.json(), express.urlencoded({ extended: true }));
    server.use((req, res) => (res as SendingResponse).send((req as { body?: unknown }).body ?? "no body"));
    const port = await open(fromListener(server));
    const json = { "content-type": "application/json" };
    const post = async (headers: Record<string, string>, body: string): Promise<string> =>
      (await send(port, { method: "POST", headers, body })).text;
    expect(await post(json, '{"a":[1]}')).toBe('{"a":[1]}');
    expect(await post({ ...json, "transfer-encoding": "chunked" }, '{"b":2}')).toBe('{"b":2}');
    expect(await post({ "content-type": "application/x-www-form-urlencoded" }, "a[b]=c&d=%20")).toBe(
      '{"a":{"b":"c"},"d":" "}',
    );
    expect((await send(port, { method: "POST", headers: json, body: "{" })).status).toBe(400);
  });

  it("sendFile and static files: ranges, 304, HEAD, and a redirect that knows the mount", async () => {
    const server = express();
    server.use("/files", serveStatic[label](folder));
    server.use("/one", (_req, res) => (res as SendingResponse).sendFile(join(folder, "long.txt")));
    const port = await open(urlmap({ "/old": fromListener(server) }));
    const whole = await send(port, { path: "/old/one" });
    expect([whole.status, whole.text === long, whole.headers["content-length"]]).toEqual([
      200,
      true,
      String(long.length),
    ]);
    const part = await send(port, { path: "/old/files/long.txt", headers: { range: "bytes=5-9" } });
    expect([part.status, part.text, part.headers["content-range"]]).toEqual([206, "tsgi ", `bytes 5-9/${long.length}`]);
    const headers = { "if-none-match": String(whole.headers.etag) };
    expect(await send(port, { path: "/old/one", headers })).toMatchObject({ status: 304, text: "" });
    const head = await send(port, { method: "HEAD", path: "/old/one" });
    expect([head.status, head.text, head.headers["content-length"]]).toEqual([200, "", String(long.length)]);
    const moved = await send(port, { path: "/old/files/deeper" });
    expect([moved.status, moved.headers.location]).toEqual([301, "/old/files/deeper/"]);
    expect((await send(port, { path: "/old/files/deeper/" })).text).toBe("<p>deeper");
  });

  it("a client that leaves in the middle of a file ends it", async () => {
    let closed = (): void => {};
    const done = new Promise<void>((resolve) => (closed = resolve));
    const server = express();
    await writeFile(join(folder, "large"), Buffer.alloc(32 * 1024 * 1024));
    server.use((_req, res) => {
      res.on("close", closed);
      (res as SendingResponse).sendFile(join(folder, "large"));
    });
    const client = new Raw(await open(fromListener(server)));
    client.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await client.until(/\r\n\r\n/);
    client.socket.destroy();
    await done;
    expect(logged).toEqual([]);
  });

  it("an upload is read as it comes", async () => {
    const server = express();
    server.use((req, res, next) => {
      let size = 0;
      const count = async (source: AsyncIterable<Buffer>): Promise<void> => {
        for await (const chunk of source) size += chunk.length;
      };
      pipeline(req, count).then(() => (res as SendingResponse).send(`${size} bytes`), next);
    });
    const port = await open(fromListener(server));
    const boundary = "----part";
    const body = Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n`),
      Buffer.alloc(20 * 1024 * 1024),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    const got = await send(port, {
      method: "POST",
      headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
      body,
    });
    expect(got.text).toBe(`${body.length} bytes`);
  });

  it("the session is kept, and saved before the answer ends", async () => {
    const server = express();
    server.use(session({ secret: "s", resave: false, saveUninitialized: false }));
    server.use((req, res) => {
      const store = req.session as Record<string, unknown>;
      store["views"] = Number(store["views"] ?? 0) + 1;
      (res as SendingResponse).send(String(store["views"]));
    });
    const port = await open(fromListener(server));
    const first = await send(port);
    const headers = { cookie: first.cookies[0].split(";")[0] };
    expect([first.text, (await send(port, { headers })).text, (await send(port, { headers })).text]).toEqual([
      "1",
      "2",
      "3",
    ]);
  });

  it.each(onHeaders)("session, compression, morgan and on-headers $version at once", async ({ onHeaders: listen }) => {
    const lines: string[] = [];
    const server = express();
    server.use(
      morgan(":method :url :status :res[content-length]", { stream: { write: (line) => void lines.push(line) } }),
    );
    server.use(compression({ threshold: 100 }));
    server.use(session({ secret: "s", resave: false, saveUninitialized: true }));
    server.use((_req, res, next) => {
      listen(res, function () {
        this.setHeader("X-Late", String(this.getHeader("content-type")));
      });
      next();
    });
    server.use("/long", (_req, res) => (res as SendingResponse).send(long));
    server.use("/file", (_req, res) => (res as SendingResponse).sendFile(join(folder, "long.txt")));
    server.use("/short", (_req, res) => (res as SendingResponse).send("short"));
    const port = await open(fromListener(server));
    for (const path of ["/long", "/file"]) {
      const got = await send(port, { path, headers: { "accept-encoding": "gzip" } });
      expect([got.headers["content-encoding"], gunzipSync(got.bytes).toString() === long]).toEqual(["gzip", true]);
      expect([got.cookies.length, got.headers["x-late"]]).toEqual([1, expect.stringContaining("text/")]);
    }
    const short = await send(port, { path: "/short", headers: { "accept-encoding": "gzip" } });
    expect([short.text, short.headers["content-length"], short.headers["content-encoding"]]).toEqual([
      "short",
      "5",
      undefined,
    ]);
    await expect.poll(() => lines).toEqual(["GET /long 200 -\n", "GET /file 200 -\n", "GET /short 200 5\n"]);
  });

  it("compression holds no event back when it is flushed, and ends with the client", async () => {
    let closed = (): void => {};
    const done = new Promise<void>((resolve) => (closed = resolve));
    const server = express();
    server.use(compression({ threshold: 0 }));
    server.use((_req, res) => {
      res.setHeader("Content-Type", "text/event-stream");
      res.write("data: first\n\n");
      (res as ServerResponse & { flush(): void }).flush();
      res.on("close", closed);
    });
    const client = new Raw(await open(fromListener(server)));
    client.write("GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
    await client.until(/Content-Encoding: gzip[^]*\r\n\r\n[^]{20}/);
    client.socket.destroy();
    await done;
  });
});
