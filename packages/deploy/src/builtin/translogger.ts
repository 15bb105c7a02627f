import type { Middleware } from "@tsgi/core";
import { asBool, asText, settingsSchema, shown } from "@tsgi/core/settings";
import { accessLog } from "@tsgi/middleware/access-log";
import { read } from "./settings.ts";
import type { Strings } from "./types.ts";

// egg:Paste#translogger

const SETTINGS = settingsSchema({
  format: { cast: (value) => fromPython(asText(value)), default: "combined" },
  // of Python's logging: read, so that a file keeps its lines
  logger_name: { cast: asText },
  logging_level: { cast: asText },
  setup_console_handler: { cast: asBool },
  set_logger_level: { cast: asText },
});

/** What the names in Paste's format are in Apache's. */
const NAMES: Readonly<Record<string, string>> = {
  REMOTE_ADDR: "%h",
  REMOTE_USER: "%u",
  REQUEST_METHOD: "%m",
  REQUEST_URI: "%U%q",
  HTTP_VERSION: "%H",
  HTTP_REFERER: "%{Referer}i",
  HTTP_USER_AGENT: "%{User-Agent}i",
  status: "%>s",
  bytes: "%b",
};

/**
 * `[filter:x] use = egg:Paste#translogger`: a line for each request, with Paste's format in Python's style,
 * `%(REMOTE_ADDR)s "%(REQUEST_METHOD)s %(REQUEST_URI)s" %(status)s` (`%%(…)s` in a file).
 * Source of the rule: paste.translogger.
 */
export function factory(_globalConf: Strings, localConf: Strings): Middleware {
  const { format } = read(SETTINGS, localConf);
  return accessLog({ format });
}

function fromPython(format: string): string {
  // %t has the brackets that Paste's format writes around %(time)s
  return format.replaceAll("[%(time)s]", "%t").replace(/%\(([^)]*)\)[-0-9.]*s/g, (_written, name: string) => {
    if (name === "time") return "%t";
    if (Object.hasOwn(NAMES, name)) return NAMES[name];
    throw new RangeError(`${shown(name)} is not known in a format; known are time, ${Object.keys(NAMES).join(", ")}`);
  });
}

/** For whoever checks a file without making anything of it. */
factory.settings = SETTINGS;
