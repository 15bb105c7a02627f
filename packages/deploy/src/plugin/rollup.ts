import type { Plugin } from "rollup";
import { ini, type IniOptions } from "./ini.ts";

export type { IniOptions } from "./ini.ts";

/**
 * Rollup's plugin for `import app from "./app.ini"`; Rolldown takes it too.
 *
 * @example export default { input: "worker.js", plugins: [tsgi({ target: "workers" })] };
 */
const plugin: (options?: IniOptions) => Plugin = (options = {}) => ini.rollup(options);
export default plugin;
