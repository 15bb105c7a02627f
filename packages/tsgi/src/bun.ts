// The front door under the condition `bun`.
export * from "@tsgi/core";
export * from "@tsgi/bun";
export { toBun as toHandler } from "@tsgi/bun";
