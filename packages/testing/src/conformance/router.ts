import { validator, type App } from "@tsgi/core";
import { errorsApp, isFaulty, logApp } from "./observe.ts";
import { echo } from "./echo.ts";
import { rows } from "./rows/index.ts";

// every app that means to keep the contract stands behind the validator, which so checks the server's half of it
const apps = new Map<string, App>(rows.map(([name, app]) => [name, isFaulty(app) ? app : validator(app)]));
const echoed = validator(echo);

/** The app that a conformance run is served: the row that `X-Conformance-Row` names, and for no row an echo. */
export const router: App = (environ, start) => {
  const name = environ.HTTP_X_CONFORMANCE_ROW;
  if (name === undefined) return echoed(environ, start);
  if (name === "log") return logApp(environ, start);
  if (name === "errors") return errorsApp(environ, start);
  const app = apps.get(name);
  if (app !== undefined) return app(environ, start);
  start("404 Not Found", [["Content-Type", "text/plain"]]);
  return [`no row ${name}`];
};
