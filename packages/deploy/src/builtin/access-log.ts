import type { Middleware } from "@tsgi/core";
import { accessLog } from "@tsgi/middleware/access-log";
import type { Strings } from "./types.ts";

/** `[filter:x] use = access-log`: a line for each request. See `@tsgi/middleware`. */
export function factory(globalConf: Strings, localConf: Strings): Middleware | Promise<Middleware> {
  return accessLog.factory(globalConf, localConf);
}

/** For whoever checks a file without making anything of it. */
factory.settings = accessLog.settings;
