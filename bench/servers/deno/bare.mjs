import { fetchHandlers } from "../fetch-handlers.mjs";
import { chosen, option, ready } from "../process.mjs";

const fetch = chosen(fetchHandlers(Response))(option);
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => ready(port) }, fetch);
