import { Hono } from "hono";
import { ready } from "../../process.mjs";

const { fetch } = new Hono().get("/", (c) => c.text("Hello World"));
ready(Bun.serve({ fetch, port: 0, hostname: "127.0.0.1" }).port);
