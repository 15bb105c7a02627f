import { floor } from "../floor.mjs";
import { ready, workload } from "../process.mjs";

const server = Bun.serve({ fetch: floor(workload), port: 0, hostname: "127.0.0.1" });
ready(server.port);
