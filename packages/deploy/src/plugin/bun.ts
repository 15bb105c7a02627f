import { ini, type IniOptions } from "./ini.ts";

export type { IniOptions } from "./ini.ts";

/** What Bun takes as a plugin. Its builder's type is Bun's own, which a package for every runtime does not have. */
export interface IniPlugin {
  name: string;
  setup(builder: never): void | Promise<void>;
}

/**
 * Bun's plugin for `import app from "./app.ini"`. Without a bundle, `bun --preload @tsgi/deploy/register` does the same.
 *
 * @example await Bun.build({ entrypoints: ["server.ts"], target: "bun", plugins: [tsgi()] });
 */
const plugin: (options?: IniOptions) => IniPlugin = (options = {}) => ini.bun(options) as IniPlugin;
export default plugin;
