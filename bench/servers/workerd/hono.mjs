// https://hono.dev/docs/getting-started/cloudflare-workers
import { honoApp } from "../hono-app.mjs";

export default (workload, option) => honoApp(workload, option);
