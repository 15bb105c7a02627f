import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { fromFetch, type App, type FetchApp } from "@tsgi/core";
import { suggest } from "@tsgi/core/settings";
import { importFrom } from "@tsgi/deploy";
import { Failure } from "./failure.ts";
import { shown } from "./terminal.ts";

/**
 * The app in a module: a TSGI app, or what has `fetch`, or a listener of Node's, each by what it looks like.
 *
 * @param attribute `default`, or a path, `apps.hello`
 * @throws (rejects) Failure when there is no app of that name; what the module throws
 */
export async function appOfModule(file: string, attribute: string): Promise<App> {
  const exports = await importFrom(pathToFileURL(file).href, dirname(file));
  let found: unknown = exports;
  for (const name of attribute.split(".")) found = (found as Record<string, unknown> | null | undefined)?.[name];
  const app = await appOfValue(found);
  if (app !== undefined) return app;
  const apps = Object.keys(exports).filter((name) => typeof exports[name] === "function" || hasFetch(exports[name]));
  const instead =
    apps.length === 0 ? "it exports no app" : `it exports ${apps.join(", ")}: write ${shown(file)}:${apps[0]}`;
  throw new Failure(
    found === undefined
      ? `${shown(file)} has no ${attribute === "default" ? "default export" : `export ${attribute}${suggest(attribute, apps)}`}; ${instead}`
      : `${attribute} of ${shown(file)} is no app: an app is a function (environ, startResponse) => body, or an object with fetch`,
  );
}

async function appOfValue(value: unknown): Promise<App | undefined> {
  // an Express app is a function too, and its parameters are others
  if (isListener(value)) {
    const { fromListener } = await import("@tsgi/node");
    return fromListener(value);
  }
  if (typeof value === "function") return value as App;
  return hasFetch(value) ? fromFetch(value) : undefined;
}

function hasFetch(value: unknown): value is FetchApp {
  return typeof (value as { fetch?: unknown } | null | undefined)?.fetch === "function";
}

type Listener = Parameters<typeof import("@tsgi/node").fromListener>[0];

function isListener(value: unknown): value is Listener {
  const { handle, use } = (value ?? {}) as { handle?: unknown; use?: unknown };
  return typeof value === "function" && typeof handle === "function" && typeof use === "function";
}
