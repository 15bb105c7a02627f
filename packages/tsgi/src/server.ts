import process from "node:process";
import type { App, Server, ServerRunner } from "@tsgi/core";
import type { ServedRunner, ServedServer, ServeOverrides } from "@tsgi/core/settings";
import type { ConfigFile, Warning } from "@tsgi/deploy";
import { UsageError } from "./failure.ts";
import { listening } from "./listening.ts";
import { running } from "./runtime.ts";
import { addressesOf, checkAddress, type AddressOptions } from "./server-settings.ts";
import type { Target } from "./target.ts";

// Which server serves, and where: that of the file, or the running runtime's own, with what the command line says.

/** What the command line says of the server. */
export interface ServerOptions extends AddressOptions {
  /** `-s`: a server instead of the file's, `node`, `egg:waitress#main`. */
  readonly server?: string | undefined;
  /** `--server-name`: the section, `main` of `[server:main]`. */
  readonly serverName?: string | undefined;
}

/** A server that has yet to be started. */
export interface ServerPlan {
  /** The addresses, as `listen` has them; `undefined` for a server of the user's own making, which alone knows its own. */
  readonly addresses: readonly string[] | undefined;
  /** How many processes serve. */
  readonly workers: number | "auto";
  readonly warnings: readonly Warning[];
  /** @param overrides what counts in place of the settings @throws (rejects) what the server throws */
  start(app: App, overrides: ServeOverrides): Promise<Server & Partial<ServedServer>>;
}

/** @throws (rejects) UsageError, ConfigError */
export async function planServer(
  target: Target,
  file: ConfigFile | undefined,
  options: ServerOptions,
  globalConf: Readonly<Record<string, string>>,
): Promise<ServerPlan> {
  checkAddress(options);
  const uri = serverUri(target, file, options);
  if (uri === undefined) return planOf(await ownServer(), options, []);
  const { ConfigError, loadContext } = await import("@tsgi/deploy");
  const context = await loadContext("server", uri, {
    name: options.server === undefined ? (options.serverName ?? "main") : undefined,
    globalConf,
    relativeTo: process.cwd(),
  });
  const planned = planOf(await context.create(), options, context.warnings);
  // only the server sees what is in the files of its certificate; which setting names them is known here
  const start: ServerPlan["start"] = (app, overrides) =>
    planned.start(app, overrides).catch((cause: unknown) => {
      const text = cause instanceof TypeError ? /^serve: (tls\.(cert|key) .*)$/.exec(cause.message) : null;
      const { node } = context;
      if (text === null || node.type !== "factory") throw cause;
      const [, message, part] = text;
      const key = `tls_${part}`;
      const at = node.localConf.origins[key] ?? node.at;
      throw new ConfigError(
        "type",
        `[${node.section ?? uri}]: ${message}`,
        { at, section: node.section, key },
        { cause },
      );
    });
  return { ...planned, start };
}

function planOf(
  runner: ServerRunner | ServedRunner,
  options: AddressOptions,
  warnings: readonly Warning[],
): ServerPlan {
  if ("settings" in runner) {
    const addresses = addressesOf(runner.settings, options);
    const start: ServerPlan["start"] = (app, overrides) =>
      listening(addresses, async () => runner(app, { listen: addresses, workers: 1, ...overrides }));
    return { addresses, workers: runner.workers, warnings, start };
  }
  if ((options.host ?? options.port ?? options.listen) !== undefined)
    throw new UsageError("this server is none of TSGI's and takes no address from the command line: the file says it");
  return { addresses: undefined, workers: 1, warnings, start: (app) => runner(app) };
}

/** What the loader is asked for; `undefined` for the server of the runtime that runs. */
function serverUri(
  target: Target,
  file: ConfigFile | undefined,
  { server, serverName }: ServerOptions,
): string | undefined {
  if (server !== undefined) {
    if (serverName !== undefined)
      throw new UsageError("-s names a server of no file, and --server-name one of the file: give one of them");
    if (server === "tsgi") return undefined;
    return server.includes(":") ? server : `npm:@tsgi/${server}#main`;
  }
  if (target.kind === "module") {
    if (serverName !== undefined) throw new UsageError("--server-name names a section of an INI file");
    return undefined;
  }
  const name = serverName ?? "main";
  // a section that was asked for and is not there is the loader's to tell of
  const there = file?.objects.some((object) => object.kind === "server" && object.name === name) === true;
  return there || serverName !== undefined ? target.uri.replace(/#.*$/, "") : undefined;
}

/** The server of the runtime that runs, without any settings. */
export async function ownServer(): Promise<ServedRunner> {
  const { main } = await {
    bun: () => import("@tsgi/bun/factory"),
    deno: () => import("@tsgi/deno/factory"),
    node: () => import("@tsgi/node/factory"),
  }[running()]();
  return main({}) as ServedRunner;
}
