import type { App, ErrorLog, Lifespan } from "./contract.ts";
import type { Server } from "./filters/define.ts";
import { quote } from "./grammar.ts";
import type { Limits } from "./limits.ts";
import { dispose } from "./lifespan.ts";
import { reportError } from "./report.ts";

// `serve(app, options)` takes the same options and gives the same object on every runtime that can listen.

/** What every `toX(app, options)` takes. */
export interface AdapterOptions {
  /** A part of the table of limits; see `DEFAULT_LIMITS`. */
  limits?: Partial<Limits>;
  /** Where `tsgi.errors` writes. Default the console. */
  errorLog?: ErrorLog;
  /**
   * The proxies in front, whose `Forwarded` and `X-Forwarded-*` fields count: addresses, CIDR ranges (`"10.0.0.0/8"`,
   * `"fd00::/8"`), `"loopback"`, `"private"` (RFC 1918 and 4193), `"unix"` (whoever comes over a unix socket), in a list
   * or in one string with commas between. `"*"` trusts everyone, so that any client can say where it comes from: only
   * where nobody but the proxy can reach the server. A trusted proxy has to set or remove each of `Forwarded` and
   * `X-Forwarded-For`, `-Proto`, `-Host` and `-Port`: one that it passes on as it came is the client's word. Default
   * nobody, and the fields stay invisible.
   */
  trustedProxy?: string | readonly string[];
}

/** Options of `serve`, the same on every runtime that can listen; one that a runtime cannot honour is an error at start. */
export interface ServeOptions extends AdapterOptions {
  /** Name or address to listen on. Default `127.0.0.1`. */
  host?: string;
  /** Port to listen on; 0 takes a free one. Default 8080. */
  port?: number;
  /** Instead of host and port: `"127.0.0.1:8080"`, `"[::1]:8080"`, `"*:8080"`, `"unix:/path"`, `"fd:3"`. */
  listen?: string;
  /** Certificate and key in PEM: serves https. */
  tls?: { cert: string; key: string };
  /** Closes the server when it aborts. */
  signal?: AbortSignal;
  /** Milliseconds that requests in flight have to finish once the server closes. Default 10000. */
  grace?: number;
}

/** Where a server listens. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "fd"; readonly fd: number };

/**
 * Where to listen.
 *
 * @throws TypeError for `listen` beside host or port, or an address of no known form
 */
export function parseListen(options: ServeOptions): Address {
  const { listen } = options;
  if (listen === undefined) {
    const port = options.port ?? 8080;
    if (!Number.isInteger(port) || port < 0 || port > 65535)
      throw new TypeError(`serve: port ${String(port)} is not a whole number from 0 to 65535`);
    return { kind: "tcp", host: hostOf(options.host ?? "127.0.0.1"), port };
  }
  if (options.host !== undefined || options.port !== undefined)
    throw new TypeError("serve: give either listen or host and port, not both");
  if (listen.startsWith("unix:") && listen.length > 5) return { kind: "unix", path: pathOf(listen) };
  const fd = /^fd:([0-9]+)$/.exec(listen);
  if (fd !== null) return { kind: "fd", fd: Number(fd[1]) };
  const tcp = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/]+)):([0-9]{1,5})$/.exec(listen);
  if (tcp === null || Number(tcp[3]) > 65535)
    throw new TypeError(`serve: listen ${quote(listen)} is none of "host:port", "[ipv6]:port", "unix:/path", "fd:3"`);
  return { kind: "tcp", host: hostOf(tcp[1] ?? tcp[2]), port: Number(tcp[3]) };
}

/** An IPv6 address may have the brackets that it has in a URL. */
function hostOf(host: string): string {
  return host === "*" ? "0.0.0.0" : host.replace(/^\[(.*:.*)\]$/, "$1");
}

/** What sockaddr_un holds on Linux; Node 20 listens at what is left of a longer path, without a word. */
const LONGEST_PATH = 107;

function pathOf(listen: string): string {
  const path = listen.slice("unix:".length);
  const { length } = new TextEncoder().encode(path);
  if (length > LONGEST_PATH)
    throw new TypeError(
      `serve: listen ${quote(listen)} has ${length} bytes of path, and that of a unix socket at most ${LONGEST_PATH}`,
    );
  return path;
}

/**
 * The URL of an address that is listened on: `http://host:port`, `http+unix://%2Frun%2Fapp.sock` for a unix socket,
 * `http+fd://3` for a file descriptor; with https where it is `secure`. An IPv6 address gets its brackets.
 *
 * @example urlOf({ kind: "tcp", host: "::1", port: 8080 }, false) // "http://[::1]:8080"
 */
export function urlOf(address: Address, secure: boolean): string {
  const scheme = secure ? "https" : "http";
  if (address.kind === "unix") return `${scheme}+unix://${encodeURIComponent(address.path)}`;
  if (address.kind === "fd") return `${scheme}+fd://${address.fd}`;
  return `${scheme}://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

/** Milliseconds in which each answer says that the server closes, before it does: a request may be on its way already. */
export const LAST_CALL = 50;

const OPTIONS = ["host", "port", "listen", "tls", "signal", "grace", "limits", "errorLog", "trustedProxy"];

/**
 * Refuses options that nobody reads, and values that are none: what is misspelt or unsupported is an error at start.
 *
 * @param known the options that the runtime can honour; default all
 * @throws TypeError naming the option
 */
export function refuseUnknown(options: ServeOptions, runtime: string, known: readonly string[] = OPTIONS): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !known.includes(name))
      throw new TypeError(`serve: option ${quote(name)} is unknown on ${runtime}; known are ${known.join(", ")}`);
  const { host, listen, grace, signal, tls } = options;
  want(host === undefined || (typeof host === "string" && host !== ""), "host", "a name or an address");
  want(listen === undefined || typeof listen === "string", "listen", "a string");
  want(grace === undefined || (typeof grace === "number" && grace >= 0), "grace", "a number of milliseconds");
  want(signal === undefined || typeof signal?.addEventListener === "function", "signal", "an AbortSignal");
  if (tls === undefined) return;
  want(typeof tls === "object" && tls !== null, "tls", "{ cert, key }");
  for (const name of Object.keys(tls))
    want(name === "cert" || name === "key", `tls.${name}`, "known; known are cert and key");
  for (const name of ["cert", "key"] as const)
    want(typeof tls[name] === "string" && tls[name].includes("-----BEGIN"), `tls.${name}`, "text in PEM");
}

function want(right: boolean, name: string, wanted: string): void {
  if (!right) throw new TypeError(`serve: ${name} is not ${wanted}`);
}

/** What a runtime's server can do about its end. */
export interface Closable {
  /** Accepts no more; resolves when the last request in flight is done. */
  finish(): Promise<unknown>;
  /** Cuts what is still in flight and says how many requests that were. */
  cut(): number | Promise<number>;
}

/**
 * The end of a server, once however often it is asked for: stops accepting, waits for requests in flight within the
 * grace period, cuts the rest and says how many, and then disposes of the app.
 */
export function closing(
  app: App | PromiseLike<App>,
  options: ServeOptions,
  server: Closable,
): Pick<Server, "close"> & Required<Lifespan> {
  let closed: Promise<void> | undefined;
  const grace = options.grace ?? 10_000;
  const errors = options.errorLog ?? { write: (text: string) => console.error(text.trimEnd()), flush: () => {} };
  let isComing = typeof app !== "function";
  const come = (): void => void (isComing = false);
  if (isComing) void Promise.resolve(app).then(come, come);
  const run = async (): Promise<void> => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      // what no timer can hold would fire at once
      if (grace < 2 ** 31) timer = setTimeout(() => resolve("late"), grace);
    });
    try {
      const finished = server.finish();
      if ((await Promise.race([finished, late])) === "late") {
        const count = await server.cut();
        const what = `${count} request${count === 1 ? " was" : "s were"}`;
        try {
          if (count > 0) errors.write(`tsgi: ${what} cut after a grace period of ${grace} ms\n`);
        } catch {
          // a broken log must not break the end
        }
        await finished;
      }
    } finally {
      const disposed = dispose([app]);
      // one that has not come yet is waited for as long as requests are
      await (isComing ? Promise.race([disposed, late]) : disposed).finally(() => clearTimeout(timer));
    }
  };
  const close = (): Promise<void> => {
    options.signal?.removeEventListener("abort", onAbort);
    return (closed ??= run());
  };
  const onAbort = (): void => void close().catch((error) => reportError(errors, error, "close"));
  if (options.signal?.aborted === true) onAbort();
  else options.signal?.addEventListener("abort", onAbort, { once: true });
  return { close, [Symbol.asyncDispose]: close };
}
