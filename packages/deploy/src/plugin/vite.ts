import type { Plugin } from "vite";
import { ini, type IniOptions } from "./ini.ts";

export type { IniOptions } from "./ini.ts";

/**
 * Vite's plugin for `import app from "./app.ini"`.
 *
 * @example export default defineConfig({ plugins: [tsgi()] });
 */
const plugin: (options?: IniOptions) => Plugin = (options = {}) => ini.vite(options);
export default plugin;
