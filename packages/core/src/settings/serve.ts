import {
  defineServer,
  pipeline,
  type App,
  type Defined,
  type Limits,
  type Middleware,
  type Schema,
  type Server,
  type ServerRunner,
  type Settings,
} from "@tsgi/core";
import { disposerOf, parseListen, trusting, type ServeOptions } from "@tsgi/core/adapter";
import { asDuration, asInt, asList, asSize, asText } from "./convert.ts";
import { settingsSchema, type Given, type Read } from "./schema.ts";

// `[server:main]` of a configuration file: the settings of `serve` as text, the same on every runtime that can listen.

const FIELDS = {
  /** Name or address to listen on. Default 127.0.0.1. */
  host: { cast: asText },
  /** Port to listen on. Default 8080. */
  port: { cast: (value: unknown) => asInt(value, { min: 0, max: 65535 }) },
  /** Instead of host and port: one address or several, `127.0.0.1:8080 [::1]:8080`, `unix:/path`, `fd:3`. */
  listen: { cast: asAddresses },
  /** Files with the certificate and its key in PEM: serves https. */
  tls_cert: { cast: asText },
  tls_key: { cast: asText },
  /** How long requests in flight have once the server closes, `30s`. */
  grace: { cast: (value: unknown) => asDuration(value) },
  /** The largest request body, `20MB`. */
  body_limit: { cast: asSize },
  /** How much of a body that nobody read is taken in, and for how long. */
  drain_limit: { cast: asSize },
  drain_time: { cast: (value: unknown) => asDuration(value) },
  /** Header fields of a request, and bytes of all of them. */
  header_count_limit: { cast: (value: unknown) => asInt(value, { min: 1 }) },
  header_limit: { cast: asSize },
  /** Bytes that `write` holds for a slow client. */
  write_limit: { cast: asSize },
  /** The proxies in front, `loopback`, `10.0.0.0/8`, `unix`; with spaces or commas between. */
  trusted_proxy: { cast: asProxies },
  /** Where a line for each request goes: a file, or `-` for standard output. Default nowhere. */
  access_log: { cast: asText },
  /** `common`, `combined`, `json`, or a format of Apache's. */
  access_log_format: { cast: asText },
  /** How many processes serve, or `auto` for one a core; the command `tsgi serve` starts them. */
  workers: { cast: asWorkers },
} as const;

// marked as pure: a Worker that names no server carries none of it

/** The settings of a server section, for whoever checks them without serving. */
export const SERVER_SCHEMA: Schema<ServerInput, ServerSettings> = /* @__PURE__ */ settingsSchema(FIELDS);

/** The settings of a server section, read. */
export type ServerSettings = Read<typeof FIELDS>;

/** The same as code gives them: text, or the value. */
export type ServerInput = Given<typeof FIELDS>;

/** The names of a server section's settings. */
export const SERVER_SETTINGS: readonly string[] = /* @__PURE__ */ Object.keys(FIELDS);

/** What a runtime brings along to serve by settings. */
export interface ServerPlatform {
  /** The adapter's own `serve`. */
  serve(app: App, options: ServeOptions): Promise<Server>;
  /** The text of a file. */
  readText(path: string): Promise<string>;
  /** The filter that writes the access log; it is asked for only when the settings want one. */
  accessLog(settings: { to: string; format: string | undefined }): Promise<Middleware>;
}

/** What the command says over the file: its own options, and that this is one of several processes. */
export interface ServeOverrides extends Omit<ServeOptions, "listen"> {
  listen?: string | readonly string[];
  workers?: number;
}

/** A server that may listen at several addresses. */
export interface ServedServer extends Server {
  readonly urls: readonly string[];
}

/** A server of the settings: serves an app, and says what the settings were. */
export interface ServedRunner extends ServerRunner {
  /** @param overrides what counts in place of the settings; `workers: 1` in each of several processes */
  (app: App, overrides?: ServeOverrides): Promise<ServedServer>;
  readonly settings: ServerSettings;
  /** How many processes were asked for. */
  readonly workers: number | "auto";
}

/**
 * Makes an adapter's server factory, which a configuration file names: `use = npm:@tsgi/node#main`.
 *
 * @returns by code `main({ port: "8080" })(app)`, and `main.factory` for the file; settings that do not fit are a
 *   SettingsError, files are read when it serves
 * @example export const main = serverFactory({ serve, readText, accessLog });
 */
export function serverFactory(platform: ServerPlatform): Defined<ServerInput, ServerRunner> {
  return defineServer({
    settings: SERVER_SCHEMA,
    create: (settings, globalConf): ServedRunner => {
      if (settings.listen !== undefined && (settings.host ?? settings.port) !== undefined)
        throw new TypeError("settings: give either listen or host and port, not both");
      if ((settings.tls_cert === undefined) !== (settings.tls_key === undefined))
        throw new TypeError("settings: tls_cert and tls_key are wanted together");
      const run = (app: App, overrides: ServeOverrides = {}): Promise<ServedServer> =>
        serveBy(platform, app, settings, overrides, globalConf);
      return Object.assign(run, { settings, workers: settings.workers ?? 1 });
    },
  });
}

async function serveBy(
  platform: ServerPlatform,
  app: App,
  settings: ServerSettings,
  overrides: ServeOverrides,
  globalConf: Settings,
): Promise<ServedServer> {
  // an option of the command that was not given takes nothing away from the file's
  const { listen, workers, ...given } = withoutUndefined(overrides);
  const count = workers ?? settings.workers ?? 1;
  if (count !== 1 && count !== "auto")
    throw new TypeError(`workers = ${count}: this starts one process; \`tsgi serve\` starts several`);
  const file = (path: string): string => besideFile(path, globalConf);
  const options = { ...optionsOf(settings), ...given };
  if (settings.tls_cert !== undefined && settings.tls_key !== undefined && given.tls === undefined)
    options.tls = {
      cert: await platform.readText(file(settings.tls_cert)),
      key: await platform.readText(file(settings.tls_key)),
    };
  const { access_log: log, access_log_format: format } = settings;
  const filters = log === undefined ? [] : [await platform.accessLog({ to: log === "-" ? log : file(log), format })];
  return serveAt(platform, pipeline(filters, app), options, placesOf(settings, { listen, ...given }));
}

function withoutUndefined(overrides: ServeOverrides): ServeOverrides {
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
}

type Place = Pick<ServeOptions, "host" | "port" | "listen">;

/** What the command says beats the file: an address of its own takes the place of every address there. */
function placesOf(settings: ServerSettings, given: ServeOverrides): Place[] {
  if (given.listen !== undefined) return [given.listen].flat().map((listen) => ({ listen }));
  const moved = given.host !== undefined || given.port !== undefined;
  if (settings.listen !== undefined && !moved) return settings.listen.map((listen) => ({ listen }));
  const place: Place = {};
  const host = given.host ?? settings.host;
  const port = given.port ?? settings.port;
  if (host !== undefined) place.host = host;
  if (port !== undefined) place.port = port;
  return [place];
}

/** One server for each address; they open and close together, and the app ends with the last. */
async function serveAt(
  platform: ServerPlatform,
  app: App,
  options: ServeOptions,
  places: Place[],
): Promise<ServedServer> {
  const { host: _host, port: _port, ...rest } = options;
  if (places.length === 1) {
    const server = await platform.serve(app, { ...rest, ...places[0] });
    return Object.assign(server, { urls: [server.url] });
  }
  const servers: Server[] = [];
  // without the app's disposer: the first server that has closed must not end the app of the others
  const shared: App = (environ, startResponse) => app(environ, startResponse);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closed ??= Promise.all(servers.map((server) => server.close())).then(() =>
      disposerOf(app)[Symbol.asyncDispose]?.(),
    ));
  try {
    for (const place of places) servers.push(await platform.serve(shared, { ...rest, ...place }));
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  }
  const urls = servers.map((server) => server.url);
  return { url: urls[0], urls, close, [Symbol.asyncDispose]: close };
}

/** The settings that are options of `serve` by another name. */
function optionsOf(settings: ServerSettings): ServeOptions {
  const limits: Partial<Limits> = {};
  for (const [setting, name] of LIMITS) if (settings[setting] !== undefined) limits[name] = settings[setting];
  const options: ServeOptions = { limits };
  if (settings.grace !== undefined) options.grace = settings.grace;
  if (settings.trusted_proxy !== undefined) options.trustedProxy = settings.trusted_proxy;
  return options;
}

const LIMITS = [
  ["body_limit", "body"],
  ["drain_limit", "drain"],
  ["drain_time", "drainTime"],
  ["header_count_limit", "headers"],
  ["header_limit", "headerBytes"],
  ["write_limit", "write"],
] as const;

/** A relative path of a configuration file starts from its folder. */
function besideFile(path: string, { here }: Settings): string {
  return typeof here !== "string" || /^(?:[/\\]|[A-Za-z]:)/.test(path) ? path : `${here}/${path}`;
}

function asAddresses(value: unknown): readonly string[] {
  const addresses = asList(typeof value === "string" ? value.replace(/,/g, " ") : value);
  if (addresses.length === 0)
    throw new RangeError("no address; such as 127.0.0.1:8080 or unix:/run/app.sock is wanted");
  for (const address of addresses) parseListen({ listen: address });
  return addresses;
}

function asProxies(value: unknown): readonly string[] {
  const proxies = asList(typeof value === "string" ? value.replace(/,/g, " ") : value);
  trusting(proxies);
  return proxies;
}

function asWorkers(value: unknown): number | "auto" {
  if (typeof value === "string" && value.trim().toLowerCase() === "auto") return "auto";
  return asInt(value, { min: 1, max: 1024 });
}
