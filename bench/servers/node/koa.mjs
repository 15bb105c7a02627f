// https://koajs.com, with @koa/router, @koa/bodyparser and koa-mount, as its own documentation has them
import { Readable } from "node:stream";
import { bodyParser } from "@koa/bodyparser";
import { Router } from "@koa/router";
import Koa from "koa";
import mount from "koa-mount";
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
} from "../answers.mjs";
import { chosen, option, ready } from "../process.mjs";

const app = new Koa();
const router = new Router();

const say = (context) => {
  context.body = HELLO;
};
const hello = () => router.get("/", say);

chosen({
  hello,
  json() {
    app.use(bodyParser());
    router.post("/", (context) => {
      context.body = context.request.body;
    });
  },
  route: () =>
    router.get("/users/:id", (context) => {
      context.set(ROUTE_HEADERS);
      context.set("set-cookie", ROUTE_COOKIES);
      context.body = profile(
        context.params.id,
        context.query.page,
        context.query.sort,
        context.get("accept-language"),
        context.get("cookie"),
        context.get("user-agent"),
      );
    }),
  filters() {
    for (let i = 0; i < layersOf(option); i++) app.use((context, next) => next());
    hello();
  },
  mounts() {
    for (const path of mountPaths(Number(option))) app.use(mount(path, say));
  },
  stream: () =>
    router.get("/", (context) => {
      context.type = "text/plain";
      context.body = Readable.from(option === "later" ? laterChunks() : chunks());
    }),
  upload: () =>
    router.post("/", async (context) => {
      context.body = String(await countBytes(context.req));
    }),
  download: () =>
    router.get("/", (context) => {
      context.type = "application/octet-stream";
      context.body = Readable.from(blocks(Number(option)));
    }),
})();

app.use(router.routes());
const server = app.listen(0, "127.0.0.1", () => ready(server.address().port));
