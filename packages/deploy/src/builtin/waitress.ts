import type { App } from "@tsgi/core";
import type { ServedRunner, ServedServer, ServeOverrides } from "@tsgi/core/settings";
import { dialectServer, renamed, type DialectServer } from "./dialect.ts";
import { factory as prefix } from "./prefix.ts";
import type { Strings } from "./types.ts";

// egg:waitress#main, by the settings of waitress 2.1 (waitress.adjustments)

const SOCKETS = "the runtime's own server holds the sockets";
const STREAMS = "bodies are streamed and held back by the client's speed, nothing is spooled";

const server: DialectServer = dialectServer(
  {
    defaults: { host: "0.0.0.0", port: "8080" },
    settings: {
      listen: (value) => ({
        listen: value
          .split(/[\s,]+/)
          .filter((address) => address !== "")
          .map((address) => (/^unix:|^fd:|:[0-9]+$/.test(address) ? address : `${address}:8080`))
          .join(" "),
      }),
      unix_socket: (value) => ({ listen: `unix:${value}` }),
      unix_socket_perms: "the socket has the permissions that the process's umask leaves",
      ipv4: "a name is resolved by the system",
      ipv6: "a name is resolved by the system",
      sockets: "write listen = fd:3 for a socket that is open already",
      threads: "one event loop serves all requests; workers = auto starts a process for each core",
      url_scheme: () => ({}),
      url_prefix: () => ({}),
      trusted_proxy: renamed("trusted_proxy"),
      trusted_proxy_count: "all proxies that are trusted are looked through",
      trusted_proxy_headers: "Forwarded and X-Forwarded-* of a trusted proxy count",
      clear_untrusted_proxy_headers: "fields of a proxy that is not trusted are never seen",
      log_untrusted_proxy_headers: "fields of a proxy that is not trusted are never seen",
      ident: "no Server field is sent unless the app sends one",
      server_name: "SERVER_NAME is the listener's",
      backlog: SOCKETS,
      connection_limit: SOCKETS,
      cleanup_interval: SOCKETS,
      channel_timeout: SOCKETS,
      channel_request_lookahead: "tsgi.signal tells of a client that has left",
      max_request_header_size: renamed("header_limit"),
      max_request_body_size: renamed("body_limit"),
      inbuf_overflow: STREAMS,
      outbuf_overflow: STREAMS,
      outbuf_high_watermark: renamed("write_limit"),
      recv_bytes: SOCKETS,
      send_bytes: SOCKETS,
      asyncore_loop_timeout: SOCKETS,
      asyncore_use_poll: SOCKETS,
      log_socket_errors: SOCKETS,
      expose_tracebacks: "the filter error-page shows errors, in development",
    },
  },
  aroundApp,
);

/** `[server:main] use = egg:waitress#main`: the server of the runtime that runs, by waitress's settings. */
export const factory: DialectServer["factory"] = server.factory;
export const warnings: DialectServer["warnings"] = server.warnings;

/** `url_scheme` and `url_prefix` are said to the app, as the filter prefix does. */
function aroundApp(runner: ServedRunner, { url_scheme: scheme, url_prefix: path }: Strings): ServedRunner {
  const settings: Record<string, string> = { translate_forwarded_server: "false" };
  if (scheme !== undefined) settings.scheme = scheme;
  if (path) settings.prefix = `/${path.replace(/^\/+/, "")}`;
  else if (scheme === undefined) return runner;
  const run = (app: App, overrides?: ServeOverrides): Promise<ServedServer> =>
    runner(prefix(app, {}, settings), overrides);
  return Object.assign(run, { settings: runner.settings, workers: runner.workers });
}
