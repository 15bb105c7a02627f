import type { Middleware } from "@tsgi/core";
import { errorPage } from "@tsgi/middleware/error-page";
import type { Strings } from "./types.ts";

/** `[filter:x] use = error-page`: the error in place of a bare 500, in development. See `@tsgi/middleware`. */
export function factory(globalConf: Strings, localConf: Strings): Middleware | Promise<Middleware> {
  return errorPage.factory(globalConf, localConf);
}

/** For whoever checks a file without making anything of it. */
factory.settings = errorPage.settings;
