// https://elysiajs.com/quick-start
import { Elysia } from "elysia";
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

const app = new Elysia();
const text = { headers: { "content-type": "text/plain" } };

const hello = () => app.get("/", () => HELLO);

chosen({
  hello,
  json: () => app.post("/", ({ body }) => body),
  route: () =>
    app.get("/users/:id", ({ params, query, headers, set }) => {
      Object.assign(set.headers, ROUTE_HEADERS);
      set.headers["set-cookie"] = ROUTE_COOKIES;
      const { "accept-language": language, cookie, "user-agent": agent } = headers;
      return profile(params.id, query.page, query.sort, language, cookie, agent);
    }),
  filters() {
    for (let i = 0; i < layersOf(option); i++) app.onBeforeHandle(() => {});
    hello();
  },
  mounts() {
    const mounted = new Elysia().get("/page", () => HELLO);
    for (const path of mountPaths(Number(option))) app.mount(path, mounted.fetch);
  },
  stream: () => app.get("/", () => new Response(asStream(option === "later" ? laterChunks() : chunks()), text)),
  upload: () => app.post("/", async ({ request }) => String(await countBytes(request.body)), { parse: "none" }),
  download: () =>
    app.get(
      "/",
      () => new Response(asStream(blocks(Number(option))), { headers: { "content-type": "application/octet-stream" } }),
    ),
  idle: () => app.get("/", () => new Response(silence(), { headers: { "content-type": "text/event-stream" } })),
})();

app.listen({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, maxRequestBodySize: 2 ** 30 });
ready(app.server.port);
