import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { ready } from "../../process.mjs";

const app = new Hono().get("/", (c) => c.text("Hello World"));
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => ready(port));
