import type { App, Environ } from "@tsgi/core";
import { disposerOf } from "@tsgi/core/adapter";
import { asBool, asEnum, asInt, settingsSchema } from "@tsgi/core/settings";
import { read } from "./settings.ts";
import type { Strings } from "./types.ts";

// egg:PasteDeploy#prefix

const SETTINGS = settingsSchema({
  prefix: { cast: (value) => pathOf(value), default: "" },
  translate_forwarded_server: { cast: asBool, default: true },
  // empty means the scheme's own port
  force_port: { cast: (value) => (value === "" ? "" : String(asInt(value, { min: 1, max: 65535 }))) },
  scheme: { cast: (value) => asEnum(value, ["http", "https"]) },
});

/**
 * A filter for an app behind a proxy that takes a prefix off, or leaves it on: SCRIPT_NAME is the prefix, PATH_INFO what
 * follows it; `X-Forwarded-*` fields, `force_port` and `scheme` say what the client asked for. Those fields are visible
 * only of a proxy that the server trusts (`trusted_proxy`).
 * Source of the rule: paste.deploy.config.PrefixMiddleware; here a prefix ends where a segment does.
 */
export function factory(app: App, _globalConf: Strings, localConf: Strings): App {
  const settings = read(SETTINGS, localConf);
  const { prefix } = settings;
  const filtered: App = (environ, startResponse) => {
    const path = environ.PATH_INFO;
    const rest = path === prefix || path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
    environ.PATH_INFO = rest === "" ? "/" : rest;
    environ.SCRIPT_NAME = prefix;
    if (settings.translate_forwarded_server) translate(environ);
    if (settings.force_port !== undefined) forcePort(environ, settings.force_port);
    if (settings.scheme !== undefined) environ["tsgi.url_scheme"] = settings.scheme;
    return app(environ, startResponse);
  };
  return Object.assign(filtered, disposerOf(app));
}

function pathOf(value: unknown): string {
  const path = String(value).trim().replace(/\/+$/, "");
  if (path === "" || path.startsWith("/")) return path;
  throw new RangeError(`'${path}' is no path; such as /wiki is wanted`);
}

function translate(environ: Environ): void {
  const server = take(environ, "HTTP_X_FORWARDED_SERVER");
  if (server) environ.SERVER_NAME = environ.HTTP_HOST = server;
  const host = take(environ, "HTTP_X_FORWARDED_HOST");
  if (host) environ.HTTP_HOST = host;
  const client = take(environ, "HTTP_X_FORWARDED_FOR");
  if (client) environ.REMOTE_ADDR = client;
  const scheme = take(environ, "HTTP_X_FORWARDED_SCHEME") ?? take(environ, "HTTP_X_FORWARDED_PROTO");
  if (scheme === "http" || scheme === "https") environ["tsgi.url_scheme"] = scheme;
}

/** The first item of a field, which is then no longer there. */
function take(environ: Environ, key: `HTTP_${string}`): string | undefined {
  const value = environ[key];
  if (value === undefined) return undefined;
  delete environ[key];
  return value.split(",")[0].trim();
}

function forcePort(environ: Environ, port: string): void {
  const host = (environ.HTTP_HOST ?? "").replace(/:[0-9]*$/, "");
  environ.SERVER_PORT = port || (environ["tsgi.url_scheme"] === "http" ? "80" : "443");
  environ.HTTP_HOST = port === "" ? host : `${host}:${port}`;
}

/** For whoever checks a file without making anything of it. */
factory.settings = SETTINGS;
