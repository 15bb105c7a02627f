// https://expressjs.com/en/starter/hello-world.html
import { Readable } from "node:stream";
import express from "express";
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

const app = express();

const hello = () => app.get("/", (req, res) => res.type("text/plain").send(HELLO));

chosen({
  hello,
  json() {
    app.use(express.json());
    app.post("/", (req, res) => res.json(req.body));
  },
  route: () =>
    app.get("/users/:id", (req, res) => {
      res.set(ROUTE_HEADERS).set("set-cookie", ROUTE_COOKIES);
      res.send(
        profile(
          req.params.id,
          req.query.page,
          req.query.sort,
          req.get("accept-language"),
          req.get("cookie"),
          req.get("user-agent"),
        ),
      );
    }),
  filters() {
    for (let i = 0; i < layersOf(option); i++) app.use((req, res, next) => next());
    hello();
  },
  mounts() {
    const mounted = express.Router().get("/page", (req, res) => res.type("text/plain").send(HELLO));
    for (const path of mountPaths(Number(option))) app.use(path, mounted);
  },
  stream: () =>
    app.get("/", (req, res) =>
      Readable.from(option === "later" ? laterChunks() : chunks()).pipe(res.type("text/plain")),
    ),
  // oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 hands a rejection on
  upload: () => app.post("/", async (req, res) => res.type("text/plain").send(String(await countBytes(req)))),
  download: () =>
    app.get("/", (req, res) => Readable.from(blocks(Number(option))).pipe(res.type("application/octet-stream"))),
})();

const server = app.listen(0, "127.0.0.1", () => ready(server.address().port));
