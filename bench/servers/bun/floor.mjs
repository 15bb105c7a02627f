import { floor } from "../floor.mjs";
import { option, ready, workload } from "../process.mjs";

// no idle timeout, as the bare server
const hono = workload === "fetch" ? (await import("../hono-app.mjs")).honoApp("hello") : undefined;
const fetch = floor(workload, option, 0, hono);
const server = Bun.serve({ fetch, port: 0, hostname: "127.0.0.1", idleTimeout: 0, maxRequestBodySize: 2 ** 30 });
ready(server.port);
