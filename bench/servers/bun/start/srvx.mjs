import { serve } from "srvx";
import { ready } from "../../process.mjs";

const fetch = () => new Response("Hello World", { headers: { "content-type": "text/plain" } });
const server = serve({ fetch, port: 0, hostname: "127.0.0.1", silent: true });
await server.ready();
ready(Number(new URL(server.url).port));
