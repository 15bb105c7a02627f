import { floor } from "../floor.mjs";
import { option, ready, workload } from "../process.mjs";

Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => ready(port) }, floor(workload, option));
