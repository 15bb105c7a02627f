import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { App, Server } from "@tsgi/core";
import { disposerOf, parseListen } from "@tsgi/core/adapter";
import { commandSettings, compose, configOf, type Composition } from "../composition.ts";
import { loadEnvFiles } from "../env-file.ts";
import { UsageError } from "../failure.ts";
import { isChild, tell, untilTold } from "../reload/child.ts";
import type { Inner } from "../reload/relay.ts";
import { runningVersion } from "../runtime.ts";
import { planServer, type ServerOptions, type ServerPlan } from "../server.ts";
import { untilSignal } from "../signals.ts";
import { folderOf, targetOf, type Target } from "../target.ts";
import { print, type Loudness } from "../terminal.ts";
import { partsOf, treeLines } from "../tree-text.ts";
import { variablesOf } from "../variables.ts";
import { warn } from "../warnings.ts";

export interface ServeCommandOptions extends ServerOptions, Loudness {
  appName?: string;
  reload?: boolean;
  open?: boolean;
  eval?: string;
  dev?: boolean;
  envFile?: string[] | false;
}

/**
 * `tsgi serve`: loads what the file composes and serves it until SIGINT or SIGTERM, then lets requests in flight finish.
 *
 * @param args the command's own arguments, for the processes that it starts
 * @returns the exit status
 */
export async function serve(
  name: string | undefined,
  assignments: readonly string[],
  options: ServeCommandOptions,
  args: readonly string[],
): Promise<number> {
  if (name === undefined && options.eval === undefined)
    throw new UsageError("You must give a config file: an INI file, a module with an app, or -e CODE");
  const globalConf = variablesOf(assignments);
  const target = name === undefined ? undefined : targetOf(name);
  if (options.reload === true && !isChild()) {
    const { supervise } = await import("../reload/supervisor.ts");
    const files = target?.file === undefined ? [] : [target.file];
    const watched = { files, globs: [], ignore: [] };
    return supervise({ args, watched, quiet: options.quiet === true, open: options.open === true });
  }
  const job = await prepare(target, options, globalConf);
  return isChild() ? serveForParent(job) : serveHere(job, options);
}

/** What is to be served, and by what. */
interface Job {
  readonly app: App;
  readonly plan: ServerPlan;
  readonly composition: Composition | undefined;
  readonly settings: Awaited<ReturnType<typeof commandSettings>>;
}

async function prepare(
  target: Target | undefined,
  options: ServeCommandOptions,
  globalConf: Readonly<Record<string, string>>,
): Promise<Job> {
  const where: Target = target ?? { kind: "module", file: join(process.cwd(), "-e"), attribute: "default" };
  loadEnvFiles(options.envFile, folderOf(where));
  const file = await configOf(where, globalConf);
  const settings = await commandSettings(file);
  const plan = await planServer(where, file, options, globalConf);
  const composition = target === undefined ? undefined : await compose(target, { ...options, globalConf });
  let app = composition?.app;
  if (options.eval !== undefined) {
    const { inline } = await import("../inline.ts");
    app = await inline(options.eval, app);
  }
  if (app === undefined) throw new UsageError("nothing to serve");
  if (options.dev ?? settings.dev) {
    const { developing } = await import("../developing.ts");
    app = await developing(app);
  }
  if (options.quiet !== true) warn([...(composition?.warnings ?? []), ...plan.warnings]);
  return { app, plan, composition, settings };
}

async function serveHere({ app, plan, composition, settings }: Job, options: ServeCommandOptions): Promise<number> {
  const servers = await startAll(app, plan, plan.addresses);
  if (options.quiet !== true) {
    print(`TSGI on ${runningVersion()} serves ${servers.map(({ url }) => `${url}/`).join(" ")}`);
    for (const line of linesOf(composition)) print(line);
  }
  if (options.open === true || settings.openUrl !== undefined) {
    const { openInBrowser } = await import("../open.ts");
    void openInBrowser(settings.openUrl ?? servers[0].url);
  }
  await untilSignal();
  await closeAll(servers, [app, composition?.app]);
  return 0;
}

/** Serves at addresses of its own, for a process that holds the real ones. */
async function serveForParent({ app, plan, composition, settings }: Job): Promise<number> {
  const inner = plan.addresses?.map((address) => innerAddress(address));
  const servers = await startAll(app, plan, inner);
  const told = untilTold();
  tell({
    type: "serving",
    doors: (plan.addresses ?? []).map((listen, index) => ({
      listen,
      inner: reached(servers[index], inner?.[index] ?? ""),
    })),
    urls: plan.addresses === undefined ? servers.map(({ url }) => url) : [],
    secure: servers.some(({ url }) => url.startsWith("https")),
    tree: linesOf(composition),
    files: composition?.files ?? [],
    watch: settings.watch,
    ignore: settings.ignore,
    openUrl: settings.openUrl,
  });
  await told;
  await closeAll(servers, [app, composition?.app]);
  for (const address of inner ?? []) if (address.startsWith("unix:")) await rm(address.slice(5), { force: true });
  return 0;
}

/** A unix socket for a unix socket, so that `trusted_proxy = unix` means what it says. */
function innerAddress(address: string): string {
  if (parseListen({ listen: address }).kind !== "unix") return "127.0.0.1:0";
  return `unix:${join(tmpdir(), `tsgi-${process.pid}-${Math.random().toString(36).slice(2)}.sock`)}`;
}

function reached(server: Server, asked: string): Inner {
  if (asked.startsWith("unix:")) return { path: asked.slice(5) };
  const { hostname, port } = new URL(server.url);
  return { host: hostname, port: Number(port) };
}

/** Starts a server at each address; when one cannot be, none is left. */
async function startAll(app: App, plan: ServerPlan, addresses: readonly string[] | undefined): Promise<Server[]> {
  // each server would dispose of the app when it closes, and another one may still be serving it
  const shared: App = (environ, startResponse) => app(environ, startResponse);
  const servers: Server[] = [];
  try {
    for (const address of addresses ?? [undefined]) servers.push(await plan.start(shared, address));
  } catch (error) {
    await closeAll(servers, [app]);
    throw error;
  }
  return servers;
}

async function closeAll(servers: readonly Server[], apps: readonly (App | undefined)[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()));
  await disposerOf(...apps)[Symbol.asyncDispose]?.();
}

function linesOf(composition: Composition | undefined): string[] {
  if (composition?.node === undefined) return [];
  return treeLines(partsOf(composition.node)).map((line) => `  ${line}`);
}
