import process from "node:process";
import type { App, Server } from "@tsgi/core";
import type { ServeOptions } from "@tsgi/core/adapter";
import type { ConfigFile, FactoryNode, Warning } from "@tsgi/deploy";
import { UsageError } from "./failure.ts";
import { running } from "./runtime.ts";
import {
  addressesOf,
  checkAddress,
  listeningOn,
  overridden,
  workersOf,
  type AddressOptions,
} from "./server-settings.ts";
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
  /** The addresses, as `listen` has them; `undefined` for a server of the user's own, which knows its own. */
  readonly addresses: readonly string[] | undefined;
  /** How many processes serve. */
  readonly workers: number | "auto";
  readonly warnings: readonly Warning[];
  /** @param address one of `addresses`, or another one in its place @throws (rejects) what the server throws */
  start(app: App, address?: string): Promise<Server>;
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
  if (uri === undefined) {
    const serve = await ownServe();
    const start: ServerPlan["start"] = (app, listen) => serve(app, listen === undefined ? {} : { listen });
    return { addresses: addressesOf({}, options), workers: 1, warnings: [], start };
  }
  const { loadContext } = await import("@tsgi/deploy");
  const context = await loadContext("server", uri, {
    name: options.server === undefined ? (options.serverName ?? "main") : undefined,
    globalConf,
    relativeTo: process.cwd(),
  });
  const { node, warnings } = context;
  if (node.type !== "factory") throw new UsageError(`[${String(node.section)}] is no server`);
  const ours = isOurs(node);
  return {
    addresses: ours ? addressesOf(node.localConf.values, options) : undefined,
    workers: ours ? workersOf(node.localConf.values) : 1,
    warnings,
    start: async (app, address) => {
      const run = await context.create(
        ours && address !== undefined ? listeningOn(node, address) : overridden(node, options),
      );
      return run(app);
    },
  };
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

type Serve = (app: App, options: ServeOptions) => Promise<Server>;

/** The server of the runtime that runs. */
export async function ownServe(): Promise<Serve> {
  switch (running()) {
    case "bun":
      return (await import("@tsgi/bun")).serve;
    case "deno":
      return (await import("@tsgi/deno")).serve;
    case "node":
      return (await import("@tsgi/node")).serve;
  }
}

/** Whether a server is one of TSGI's, whose settings are known here. */
function isOurs({ reference }: FactoryNode): boolean {
  return reference.from === "builtin" || /^(?:npm:)?@tsgi\/(?:node|bun|deno)(?:[/#:]|$)/.test(reference.written);
}
