// https://hono.dev/docs/getting-started/deno
import { honoApp } from "../hono-app.mjs";
import { option, ready, workload } from "../process.mjs";

const { fetch } = honoApp(workload, option);
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => ready(port) }, fetch);
