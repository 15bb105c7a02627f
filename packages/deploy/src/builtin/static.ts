import type { App } from "@tsgi/core";
import { staticFiles } from "@tsgi/middleware/static";
import type { Strings } from "./types.ts";

// egg:Paste#static

/** `[app:x] use = static`, `document_root = %(here)s/public`: the files of a directory. See `@tsgi/middleware`. */
export function factory(globalConf: Strings, localConf: Strings): App | Promise<App> {
  return staticFiles.factory(globalConf, localConf);
}

/** For whoever checks a file without making anything of it. */
factory.settings = staticFiles.settings;
