// The front door under the condition `node`.
export * from "@tsgi/core";
export * from "@tsgi/node";
export { toListener as toHandler } from "@tsgi/node";
