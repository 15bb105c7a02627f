import { dialectServer, type DialectServer } from "./dialect.ts";
import type { Strings } from "./types.ts";

// egg:Paste#http, by the settings of Paste 3.5 (paste.httpserver.server_runner)

const THREADS = "one event loop serves all requests; workers = auto starts a process for each core";

const server: DialectServer = dialectServer({
  defaults: { host: "127.0.0.1", port: "8080" },
  settings: {
    // with its port, if it has one: that is how Paste reads it
    host: (value): Strings => {
      const match = /^(\[[^\]]*\]|[^:[\]]*)(?::([0-9]+))?$/.exec(value.trim());
      if (match === null) return { host: value };
      const host = match[1].replace(/^\[|\]$/g, "") || "127.0.0.1";
      return match[2] === undefined ? { host } : { host, port: match[2] };
    },
    port: (value) => ({ port: value }),
    ssl_pem: (value, all) => {
      if (value.trim() === "*")
        throw new RangeError("no certificate is made up here; a file with certificate and key is wanted");
      const tls = { tls_cert: value, tls_key: value };
      return all.port === undefined && !/:[0-9]+$/.test(all.host ?? "") ? { ...tls, port: "4443" } : tls;
    },
    server_version: "no Server field is sent unless the app sends one",
    protocol_version: "HTTP/1.1 is spoken",
    daemon_threads: THREADS,
    use_threadpool: THREADS,
    threadpool_workers: THREADS,
    threadpool_options: THREADS,
    ...Object.fromEntries(
      [
        "threadpool_max_requests",
        "threadpool_hung_thread_limit",
        "threadpool_kill_thread_limit",
        "threadpool_dying_limit",
        "threadpool_spawn_if_under",
        "threadpool_max_zombie_threads_before_die",
        "threadpool_hung_check_period",
        "threadpool_error_email",
      ].map((key) => [key, THREADS]),
    ),
    socket_timeout: "the runtime's own server holds the sockets",
    request_queue_size: "the runtime's own server holds the sockets",
  },
});

/** `[server:main] use = egg:Paste#http`: the server of the runtime that runs, by Paste's settings. */
export const factory: DialectServer["factory"] = server.factory;
export const warnings: DialectServer["warnings"] = server.warnings;
