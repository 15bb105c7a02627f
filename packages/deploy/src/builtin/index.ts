import { ConfigError } from "../error.ts";
import type { Builtin } from "./types.ts";

export type { AppLoader, Builtin, BuiltinFactory, SettingWarning, Strings } from "./types.ts";

/** What comes with TSGI, by its bare name: `use = urlmap`. */
export const BUILTINS: Readonly<Record<string, Builtin>> = table({
  urlmap: {
    protocol: "composite_factory",
    specifier: "@tsgi/deploy/builtin/urlmap",
    load: async () => (await import("./urlmap.ts")).factory,
    // a not_found_app of [DEFAULT] counts too (U4)
    children: (local, global) => [
      ...(Object.hasOwn(local, "not_found_app") || Object.hasOwn(global, "not_found_app") ? ["not_found_app"] : []),
      ...Object.keys(local).filter((key) => key !== "not_found_app"),
    ],
  },
  cascade: {
    protocol: "composite_factory",
    specifier: "@tsgi/deploy/builtin/cascade",
    load: async () => (await import("./cascade.ts")).factory,
    children: (local) => Object.keys(local).filter((key) => key.startsWith("app")),
  },
  prefix: {
    protocol: "filter_app_factory",
    specifier: "@tsgi/deploy/builtin/prefix",
    load: async () => (await import("./prefix.ts")).factory,
  },
  config: {
    protocol: "filter_app_factory",
    specifier: "@tsgi/deploy/builtin/config",
    load: async () => (await import("./config.ts")).factory,
  },
  lint: {
    protocol: "filter_app_factory",
    specifier: "@tsgi/deploy/builtin/lint",
    load: async () => (await import("./lint.ts")).factory,
  },
  proxy: {
    protocol: "app_factory",
    specifier: "@tsgi/deploy/builtin/proxy",
    load: async () => (await import("./proxy.ts")).factory,
  },
  static: {
    protocol: "app_factory",
    specifier: "@tsgi/deploy/builtin/static",
    load: async () => (await import("./static.ts")).factory,
  },
  "access-log": {
    protocol: "filter_factory",
    specifier: "@tsgi/deploy/builtin/access-log",
    load: async () => (await import("./access-log.ts")).factory,
  },
  "error-page": {
    protocol: "filter_factory",
    specifier: "@tsgi/deploy/builtin/error-page",
    load: async () => (await import("./error-page.ts")).factory,
  },
  translogger: {
    protocol: "filter_factory",
    specifier: "@tsgi/deploy/builtin/translogger",
    load: async () => (await import("./translogger.ts")).factory,
  },
  tsgi: {
    protocol: "server_factory",
    specifier: "@tsgi/deploy/builtin/server",
    load: async () => (await import("./server.ts")).factory,
  },
  waitress: {
    protocol: "server_factory",
    specifier: "@tsgi/deploy/builtin/waitress",
    load: async () => (await import("./waitress.ts")).factory,
    warnings: async (local) => (await import("./waitress.ts")).warnings(local),
  },
  "paste-http": {
    protocol: "server_factory",
    specifier: "@tsgi/deploy/builtin/paste-http",
    load: async () => (await import("./paste-http.ts")).factory,
    warnings: async (local) => (await import("./paste-http.ts")).warnings(local),
  },
  wsgiref: {
    protocol: "server_factory",
    specifier: "@tsgi/deploy/builtin/wsgiref",
    load: async () => (await import("./wsgiref.ts")).factory,
    warnings: async (local) => (await import("./wsgiref.ts")).warnings(local),
  },
  gunicorn: {
    protocol: "server_factory",
    specifier: "@tsgi/deploy/builtin/gunicorn",
    load: async () => (await import("./gunicorn.ts")).factory,
    warnings: async (local) => (await import("./gunicorn.ts")).warnings(local),
  },
});

/** What the eggs of Python are here: by distribution and entry point. */
const EGGS: Readonly<Record<string, Readonly<Record<string, string>>>> = table({
  paste: table({
    urlmap: "urlmap",
    cascade: "cascade",
    lint: "lint",
    config: "config",
    static: "static",
    proxy: "proxy",
    translogger: "translogger",
    http: "paste-http",
  }),
  pastedeploy: table({ prefix: "prefix", config: "config" }),
  pastescript: table({ wsgiutils: "wsgiref", cherrypy: "wsgiref", twisted: "wsgiref" }),
  pyramid: table({ wsgiref: "wsgiref", cherrypy: "wsgiref" }),
  waitress: table({ main: "waitress" }),
  gunicorn: table({ main: "gunicorn" }),
});

/** Without a prototype: a name such as `constructor` is in no table. */
function table<T>(entries: Record<string, T>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null) as Record<string, T>, entries);
}

/**
 * The built-in that an egg's entry point stands for: `aliasOf("Paste", "urlmap")` is `"urlmap"`. The distribution's name
 * counts without regard to case and to `-`, `_` and `.`.
 *
 * @returns its name in `BUILTINS`; `undefined` for a distribution that is not known here
 * @throws ConfigError (lookup) for an entry point that a known distribution does not have here, naming those it has
 */
export function aliasOf(dist: string, entry: string): string | undefined {
  const entries = EGGS[dist.toLowerCase().replace(/[-_.]+/g, "")];
  if (entries === undefined) return undefined;
  const name = entries[entry];
  if (name !== undefined) return name;
  throw new ConfigError(
    "lookup",
    `Entry point '${entry}' not found in egg '${dist}'; of ${dist} there are here: ${Object.keys(entries).join(", ")}`,
  );
}

/** Whether a distribution counts as installed because its parts are built in: for `require = Paste`. */
export function isKnownEgg(dist: string): boolean {
  return EGGS[dist.toLowerCase().replace(/[-_.]+/g, "")] !== undefined;
}
