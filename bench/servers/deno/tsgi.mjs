import { serve } from "@tsgi/deno";
import { chosen, option, ready, workload } from "../process.mjs";
import { APPS } from "../tsgi-apps.mjs";

const hono = workload === "fetch" ? (await import("../hono-app.mjs")).honoApp("hello") : undefined;
const server = await serve(chosen(APPS)(option, hono), { port: 0 });
ready(server.address.port);
