// https://hono.dev/docs/getting-started/bun
import { honoApp } from "../hono-app.mjs";
import { option, ready, workload } from "../process.mjs";

const { fetch } = honoApp(workload, option);
ready(Bun.serve({ fetch, port: 0, hostname: "127.0.0.1", idleTimeout: 0, maxRequestBodySize: 2 ** 30 }).port);
