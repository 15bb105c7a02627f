import { fetchHandlers } from "../fetch-handlers.mjs";
import { chosen, option, ready } from "../process.mjs";

const fetch = chosen(fetchHandlers(Response))(option);
// no idle timeout: a connection of the idle workload is silent for longer than the default of 10 s
const server = Bun.serve({ fetch, port: 0, hostname: "127.0.0.1", idleTimeout: 0, maxRequestBodySize: 2 ** 30 });
ready(server.port);
