import { ready } from "../../process.mjs";

const fetch = () => new Response("Hello World", { headers: { "content-type": "text/plain" } });
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => ready(port) }, fetch);
