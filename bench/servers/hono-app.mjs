// The workloads as Hono apps: the same file on all runtimes.
import { Hono } from "hono";
import { stream, streamSSE } from "hono/streaming";
import {
  blocks,
  chunks,
  countBytes,
  HELLO,
  laterChunks,
  layersOf,
  mountPaths,
  profile,
  ROUTE_COOKIES,
  ROUTE_HEADERS,
} from "./answers.mjs";

const WORKLOADS = {
  hello: (app) => app.get("/", (c) => c.text(HELLO)),
  json: (app) => app.post("/", async (c) => c.json(await c.req.json())),
  route: (app) =>
    app.get("/users/:id", (c) => {
      const { req } = c;
      for (const name in ROUTE_HEADERS) c.header(name, ROUTE_HEADERS[name]);
      for (const cookie of ROUTE_COOKIES) c.header("set-cookie", cookie, { append: true });
      return c.body(
        profile(
          req.param("id"),
          req.query("page"),
          req.query("sort"),
          req.header("accept-language"),
          req.header("cookie"),
          req.header("user-agent"),
        ),
      );
    }),
  filters(app, option) {
    for (let i = 0; i < layersOf(option); i++) app.use((c, next) => next());
    return app.get("/", (c) => c.text(HELLO));
  },
  mounts(app, option) {
    const mounted = new Hono().get("/page", (c) => c.text(HELLO));
    for (const path of mountPaths(Number(option))) app.route(path, mounted);
    return app;
  },
  stream: (app, option) =>
    app.get("/", (c) =>
      stream(c, async (out) => {
        c.header("content-type", "text/plain");
        if (option === "later") for await (const chunk of laterChunks()) await out.write(chunk);
        else for (const chunk of chunks()) await out.write(chunk);
      }),
    ),
  upload: (app) => app.post("/", async (c) => c.text(String(await countBytes(c.req.raw.body)))),
  download: (app, option) =>
    app.get("/", (c) =>
      stream(c, async (out) => {
        c.header("content-type", "application/octet-stream");
        for (const block of blocks(Number(option))) await out.write(block);
      }),
    ),
  idle: (app) =>
    app.get("/", (c) =>
      streamSSE(c, async (events) => {
        await events.writeSSE({ data: "hello" });
        while (!events.aborted) await events.sleep(60_000);
      }),
    ),
};
WORKLOADS.fetch = WORKLOADS.hello;

/** The Hono app of a workload. */
export function honoApp(workload, option) {
  const make = WORKLOADS[workload];
  if (make === undefined) throw new TypeError(`hono has no workload ${JSON.stringify(workload)}`);
  return make(new Hono(), option);
}
