import { serve } from "@tsgi/node";
import { APPS } from "../tsgi-apps.mjs";
import { chosen, option, ready, workload } from "../process.mjs";

// hono's app is loaded where it is served; global Request and Response stay Node's own
const hono = workload === "fetch" ? (await import("../hono-app.mjs")).honoApp("hello") : undefined;
const server = await serve(chosen(APPS)(option, hono), { port: 0 });
ready(server.address.port);
