import { serve } from "@tsgi/bun";
import { honoApp } from "../hono-app.mjs";
import { chosen, option, ready } from "../process.mjs";
import { APPS } from "../tsgi-apps.mjs";

const server = await serve(chosen(APPS)(option, honoApp("hello")), { port: 0 });
ready(server.address.port);
