// https://srvx.h3.dev/guide/server: the same file on Node, Bun and Deno. Its middlewares are the ten filters; under
// `fetch` it serves hono.
import { serve } from "srvx";
import { layersOf } from "./answers.mjs";
import { fetchHandlers } from "./fetch-handlers.mjs";
import { honoApp } from "./hono-app.mjs";
import { chosen, option, ready, workload } from "./process.mjs";

/** Serves the workload with srvx, whose handlers answer with this Response class. */
export async function serveSrvx(Response) {
  const handlers = fetchHandlers(Response);
  const server = serve({
    fetch: workload === "fetch" ? honoApp("fetch").fetch : chosen(handlers)(workload === "filters" ? "0" : option),
    middleware: workload === "filters" ? Array.from({ length: layersOf(option) }, () => (request, next) => next()) : [],
    port: 0,
    hostname: "127.0.0.1",
    silent: true,
    bun: { idleTimeout: 0, maxRequestBodySize: 2 ** 30 },
  });
  await server.ready();
  ready(Number(new URL(server.url).port));
}
