import { dialectServer, type DialectServer } from "./dialect.ts";

// egg:pyramid#wsgiref, and the servers of PasteScript that have the same settings

const server: DialectServer = dialectServer({ defaults: { host: "0.0.0.0", port: "8080" }, settings: {} });

/** `[server:main] use = egg:pyramid#wsgiref`: the server of the runtime that runs, on every address by default. */
export const factory: DialectServer["factory"] = server.factory;
export const warnings: DialectServer["warnings"] = server.warnings;
