import Fastify from "fastify";
import { ready } from "../../process.mjs";

const app = Fastify();
app.get("/", (request, reply) => reply.type("text/plain").send("Hello World"));
ready(Number(new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port));
