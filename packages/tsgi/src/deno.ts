// The front door under the condition `deno`.
export * from "@tsgi/core";
export * from "@tsgi/deno";
export { toDeno as toHandler } from "@tsgi/deno";
