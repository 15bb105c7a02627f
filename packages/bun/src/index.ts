export { toBun, type BunHandler } from "./handler.ts";
export { serve } from "./serve.ts";
export type { BunServer } from "./bun.ts";
export type { AdapterOptions, ServeOptions } from "@tsgi/core/adapter";
