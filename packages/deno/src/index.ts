export { toDeno, type DenoHandler } from "./handler.ts";
export { serve } from "./serve.ts";
export type { DenoAddress, DenoInfo } from "./deno.ts";
export type { AdapterOptions, ServeOptions } from "@tsgi/core/adapter";
