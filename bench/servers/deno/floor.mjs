import { floor } from "../floor.mjs";
import { option, ready, workload } from "../process.mjs";

const hono = workload === "fetch" ? (await import("../hono-app.mjs")).honoApp("hello") : undefined;
const fetch = floor(workload, option, 0, hono);
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => ready(port) }, fetch);
