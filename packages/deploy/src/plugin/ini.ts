import { basename, dirname, join } from "node:path";
import { createUnplugin, type UnpluginInstance } from "unplugin";
import { compile } from "../compile/compile.ts";
import type { Target } from "../compile/target.ts";
import type { Strings } from "../construct.ts";
import { ConfigError, formatPosition } from "../error.ts";
import { configUri } from "./uri.ts";

/** Options of the plugins. */
export interface IniOptions {
  /** Where the bundle will run; what `%(env:NAME)s` is depends on it. Default `bun` for Bun, else `fetch`: `process.env` where there is one. */
  target?: Target | undefined;
  /** Variables from outside. */
  globalConf?: Strings | undefined;
  /** The Worker has the compatibility flag `nodejs_compat`. Default false. */
  nodejsCompat?: boolean | undefined;
}

/** `import app from "./app.ini"` gives the app of `[app:main]` and its like, compiled; the bundler watches the files. */
export const ini: UnpluginInstance<IniOptions, false> = createUnplugin((options: IniOptions, meta) => ({
  name: "tsgi-ini",
  load: {
    filter: { id: /\.ini$/ },
    async handler(id) {
      const { target = meta.framework === "bun" ? "bun" : "fetch", globalConf, nodejsCompat } = options;
      try {
        const out = join(dirname(id), `${basename(id)}.js`);
        const { code, map, files, warnings } = await compile(configUri(id), {
          target,
          out,
          globalConf,
          nodejsCompat,
        });
        for (const file of files) this.addWatchFile(file);
        for (const { message, at } of warnings) this.warn(`${formatPosition(at)}: ${message}`);
        return { code, map };
      } catch (error) {
        this.addWatchFile(id);
        if (!(error instanceof ConfigError)) throw error;
        this.error({ message: error.message, id, ...(error.at === undefined ? {} : { loc: error.at }) });
        // unplugin tells esbuild of the error together with a result, or not at all
        return { code: "" };
      }
    },
  },
  esbuild: { onLoadFilter: /\.ini$/, loader: "js" },
  bun: { loader: "js" },
}));
