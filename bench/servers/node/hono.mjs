// https://hono.dev/docs/getting-started/nodejs; @hono/node-server replaces the global Request and Response.
import { serve } from "@hono/node-server";
import { honoApp } from "../hono-app.mjs";
import { option, ready, workload } from "../process.mjs";

const { fetch } = honoApp(workload, option);
serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => ready(port));
