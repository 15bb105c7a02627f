import { validator, type App } from "@tsgi/core";
import { settingsSchema } from "@tsgi/core/settings";
import { read } from "./settings.ts";
import type { Strings } from "./types.ts";

// egg:Paste#lint

const SETTINGS = settingsSchema({});

/** A filter that checks both sides against the contract: core's `validator`. */
export function factory(app: App, _globalConf: Strings, localConf: Strings): App {
  read(SETTINGS, localConf);
  return validator(app);
}

/** For whoever checks a file without making anything of it. */
factory.settings = SETTINGS;
