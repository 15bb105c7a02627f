import { gzipSync } from "node:zlib";
import { workerBundle } from "../launch.mjs";
import { measureStart } from "../measure.mjs";
import hello from "./hello.mjs";

export default {
  ...hello,
  name: "start",
  title: "milliseconds from the start of the process to the end of the first answer; the size of a worker's bundle",
  unit: "ms",
  measure: measureStart,
  python: false,
  servers: ["bare", "tsgi", "hono", "srvx", "fastify", "koa", "express", "elysia"],
  bundle: async (runtime, server) => (runtime === "workerd" ? gzipSync(await workerBundle(server)).length : undefined),
};
