import type { App } from "@tsgi/core";
import { disposerOf } from "@tsgi/core/adapter";
import type { Strings } from "./types.ts";

// egg:PasteDeploy#config

/**
 * A filter that puts the settings into the environ, global ones and its own over them: `environ["tsgi.config"]` and
 * `environ["paste.config"]`, a copy for each request.
 * Source of the rule: paste.deploy.config.make_config_filter.
 */
export function factory(app: App, globalConf: Strings, localConf: Strings): App {
  const config = Object.assign(Object.create(null) as Record<string, string>, globalConf, localConf);
  const filtered: App = (environ, startResponse) => {
    environ["paste.config"] = environ["tsgi.config"] = Object.assign(Object.create(null) as object, config);
    return app(environ, startResponse);
  };
  return Object.assign(filtered, disposerOf(app));
}
