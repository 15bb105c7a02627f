// https://oakserver.org, the version that npm has. There it takes Deno for Node, and listen() would serve through
// node:http; app.handle(request) is its documented way under another server.
import { Application, Router } from "@oakserver/oak";
import {
  asStream,
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
  silence,
} from "../answers.mjs";
import { chosen, option, ready } from "../process.mjs";

const app = new Application();
const router = new Router();

const say = ({ response }) => {
  response.type = "text/plain";
  response.body = HELLO;
};
const hello = () => router.get("/", say);
const streamed = (type, make) =>
  router.get("/", ({ response }) => {
    response.type = type;
    response.body = asStream(make());
  });

chosen({
  hello,
  start: hello,
  json: () =>
    router.post("/", async ({ request, response }) => {
      response.body = await request.body({ type: "json" }).value;
    }),
  route: () =>
    router.get("/users/:id", ({ params, request, response }) => {
      const { searchParams } = request.url;
      for (const name in ROUTE_HEADERS) response.headers.set(name, ROUTE_HEADERS[name]);
      for (const cookie of ROUTE_COOKIES) response.headers.append("set-cookie", cookie);
      response.body = profile(
        params.id,
        searchParams.get("page"),
        searchParams.get("sort"),
        request.headers.get("accept-language"),
        request.headers.get("cookie"),
        request.headers.get("user-agent"),
      );
    }),
  filters() {
    for (let i = 0; i < layersOf(option); i++) app.use((context, next) => next());
    hello();
  },
  mounts() {
    const mounted = new Router().get("/page", say);
    for (const path of mountPaths(Number(option))) router.use(path, mounted.routes());
  },
  stream: () => streamed("text/plain", () => (option === "later" ? laterChunks() : chunks())),
  upload: () =>
    router.post("/", async ({ request, response }) => {
      response.body = String(await countBytes(request.originalRequest.getBody().body));
    }),
  download: () => streamed("application/octet-stream", () => blocks(Number(option))),
  idle: () =>
    router.get("/", ({ response }) => {
      response.type = "text/event-stream";
      response.body = silence();
    }),
})();

app.use(router.routes());
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => ready(port) }, (request) => app.handle(request));
