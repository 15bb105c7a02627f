import type { Plugin } from "esbuild";
import { ini, type IniOptions } from "./ini.ts";

export type { IniOptions } from "./ini.ts";

/**
 * esbuild's plugin for `import app from "./app.ini"`.
 *
 * @example await build({ entryPoints: ["worker.ts"], bundle: true, plugins: [tsgi({ target: "workers" })] });
 */
const plugin: (options?: IniOptions) => Plugin = (options = {}) => ini.esbuild(options);
export default plugin;
