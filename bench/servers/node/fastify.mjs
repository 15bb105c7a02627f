// https://fastify.dev/docs/latest/Guides/Getting-Started/
import { Readable } from "node:stream";
import Fastify from "fastify";
import {
  blocks,
  chunks,
  HELLO,
  laterChunks,
  layersOf,
  mountPaths,
  profile,
  ROUTE_COOKIES,
  ROUTE_HEADERS,
  countBytes,
} from "../answers.mjs";
import { chosen, option, ready } from "../process.mjs";

const app = Fastify();

const hello = () => app.get("/", (request, reply) => reply.type("text/plain").send(HELLO));

chosen({
  hello,
  json: () => app.post("/", (request, reply) => reply.send(request.body)),
  route: () =>
    app.get("/users/:id", ({ params, query, headers }, reply) =>
      reply
        .headers(ROUTE_HEADERS)
        .header("set-cookie", ROUTE_COOKIES)
        .send(
          profile(params.id, query.page, query.sort, headers["accept-language"], headers.cookie, headers["user-agent"]),
        ),
    ),
  filters() {
    for (let i = 0; i < layersOf(option); i++) app.addHook("onRequest", (request, reply, done) => done());
    hello();
  },
  mounts() {
    for (const prefix of mountPaths(Number(option)))
      app.register(
        (mounted, options, done) => {
          mounted.get("/page", (request, reply) => reply.type("text/plain").send(HELLO));
          done();
        },
        { prefix },
      );
  },
  stream: () =>
    app.get("/", (request, reply) =>
      reply.type("text/plain").send(Readable.from(option === "later" ? laterChunks() : chunks())),
    ),
  upload() {
    app.addContentTypeParser("application/octet-stream", (request, payload, done) => done(null, payload));
    app.post("/", { bodyLimit: 2 ** 30 }, async ({ body }, reply) => {
      reply.type("text/plain");
      return String(await countBytes(body));
    });
  },
  download: () =>
    app.get("/", (request, reply) =>
      reply.type("application/octet-stream").send(Readable.from(blocks(Number(option)))),
    ),
})();

const address = await app.listen({ port: 0, host: "127.0.0.1" });
ready(Number(new URL(address).port));
