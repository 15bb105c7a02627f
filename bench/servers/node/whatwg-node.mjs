// https://the-guild.dev/openapi/fets/server/adapters: createServer(createServerAdapter(handler)). The newest version
// that runs: 0.13 wants Node 22.15.
import { createServer } from "node:http";
import { layersOf } from "../answers.mjs";
import { fetchHandlers } from "../fetch-handlers.mjs";
import { chosen, option, ready, workload } from "../process.mjs";

const old = Number(process.versions.node.split(".")[0]) < 24;
const { createServerAdapter } = await import(old ? "@whatwg-node/server" : "@whatwg-node/server-0.13");
const handlers = fetchHandlers(Response);
const handler = workload === "filters" ? handlers.hello() : chosen(handlers)(option);
const plugins = workload === "filters" ? Array.from({ length: layersOf(option) }, () => ({ onRequest() {} })) : [];
const server = createServer(createServerAdapter(handler, { plugins }));
server.listen(0, "127.0.0.1", () => ready(server.address().port));
