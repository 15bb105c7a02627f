import { Hono } from "hono";
import { ready } from "../../process.mjs";

const { fetch } = new Hono().get("/", (c) => c.text("Hello World"));
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => ready(port) }, fetch);
