import { validator, type App } from "@tsgi/core";

/** What `--dev` puts around an app: the validator, a page that shows errors, and a line for each request. */
export async function developing(app: App): Promise<App> {
  const { accessLog, errorPage } = await import("@tsgi/middleware");
  return accessLog()(errorPage()(validator(app)));
}
