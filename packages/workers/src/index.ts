export { toWorker, type WorkerHandler } from "./handler.ts";
export type { WorkerContext } from "./request.ts";
export type { AdapterOptions } from "@tsgi/core/adapter";
