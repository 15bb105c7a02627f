import { validator, type App } from "@tsgi/core";
import { accessLog, errorPage } from "@tsgi/middleware";

/** What `--dev` puts around an app: the validator, a page that shows errors, and a line for each request. */
export function developing(app: App): App {
  return accessLog({})(errorPage({})(validator(app)));
}
