import { shown } from "@tsgi/core/settings";
import { dialectServer, renamed, seconds, type DialectServer, type Translation } from "./dialect.ts";

// egg:gunicorn#main, by the settings of gunicorn 20 (gunicorn.config)

const EVENTS = "one event loop serves all requests of a process";
const PROCESS = "the process is whoever starts it: systemd, a container, or the shell";
const SOCKETS = "the runtime's own server holds the sockets";

/** What gunicorn's names of a line are in Apache's format. */
const ATOMS: Readonly<Record<string, string>> = {
  h: "%h",
  l: "%l",
  u: "%u",
  t: "%t",
  r: "%r",
  m: "%m",
  U: "%U",
  q: "%q",
  H: "%H",
  s: "%>s",
  b: "%b",
  B: "%B",
  f: "%{Referer}i",
  a: "%{User-Agent}i",
  T: "%T",
  M: "%{ms}T",
  D: "%D",
};

const without = (reason: string, ...keys: string[]): Record<string, Translation> =>
  Object.fromEntries(keys.map((key) => [key, reason]));

const server: DialectServer = dialectServer({
  defaults: { host: "127.0.0.1", port: "8000" },
  settings: {
    bind: (value) => ({
      listen: value
        .split(/[\s,]+/)
        .filter((address) => address !== "")
        .map(addressOf)
        .join(" "),
    }),
    workers: renamed("workers"),
    graceful_timeout: seconds("grace"),
    limit_request_fields: renamed("header_count_limit"),
    forwarded_allow_ips: renamed("trusted_proxy"),
    accesslog: renamed("access_log"),
    access_log_format: (value) => ({ access_log_format: formatOf(value) }),
    certfile: renamed("tls_cert"),
    keyfile: renamed("tls_key"),
    ...without(
      EVENTS,
      "worker_class",
      "threads",
      "worker_connections",
      "timeout",
      "max_requests",
      "max_requests_jitter",
    ),
    ...without(
      SOCKETS,
      "backlog",
      "keepalive",
      "limit_request_line",
      "limit_request_field_size",
      "reuse_port",
      "sendfile",
    ),
    ...without(PROCESS, "daemon", "pidfile", "user", "group", "umask", "chdir", "raw_env", "proc_name", "preload_app"),
    ...without("[loggers] of the file says where errors go", "errorlog", "loglevel", "logconfig", "capture_output"),
    reload: "`tsgi serve --reload` does that",
  },
});

/** `[server:main] use = egg:gunicorn#main`: the server of the runtime that runs, by gunicorn's settings. */
export const factory: DialectServer["factory"] = server.factory;
export const warnings: DialectServer["warnings"] = server.warnings;

function addressOf(address: string): string {
  if (address.startsWith("unix:")) return `unix:${address.slice(5).replace(/^\/\/(?=\/)/, "")}`;
  if (address.startsWith("fd://")) return `fd:${address.slice(5)}`;
  if (/^[0-9]+$/.test(address)) return `127.0.0.1:${address}`;
  return /:[0-9]+$/.test(address) ? address.replace(/^:/, "0.0.0.0:") : `${address}:8000`;
}

function formatOf(format: string): string {
  return format.replace(/%\(([^)]*)\)s/g, (_written, name: string) => {
    if (Object.hasOwn(ATOMS, name)) return ATOMS[name];
    if (/^\{[^}]*\}[ioe]$/.test(name)) return `%${name}`;
    throw new RangeError(
      `${shown(name)} is not known in a format; known are ${Object.keys(ATOMS).join(", ")}, {x}i, {x}o`,
    );
  });
}
