import { Elysia } from "elysia";
import { ready } from "../../process.mjs";

const app = new Elysia().get("/", () => "Hello World").listen({ port: 0, hostname: "127.0.0.1" });
ready(app.server.port);
