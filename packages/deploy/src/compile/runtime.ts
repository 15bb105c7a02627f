// What compiled apps import: `@tsgi/deploy/runtime`. Nothing here reads a file or uses a module of one runtime alone.
export { construct, missing, type CompiledNode, type Entry, type Given, type Names, type Tree } from "./host.ts";
export { lazyApp } from "./lazy-app.ts";
export { at, imported, settings, type Imported, type Row } from "./nodes.ts";
export { serveApp } from "./serve.ts";
export { variables, type ReadVariable } from "./variables.ts";
