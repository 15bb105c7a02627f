import { join } from "node:path";
import process from "node:process";
import type { App, Lifespan } from "@tsgi/core";
import { disposerOf } from "@tsgi/core/adapter";
import type { ServeOverrides } from "@tsgi/core/settings";
import type { ConfigFile } from "@tsgi/deploy";
import type { Logging } from "@tsgi/deploy/logging";
import { commandSettings, compose, configOf, type CommandSettings, type Composition } from "./composition.ts";
import { loadEnvFiles } from "./env-file.ts";
import { planServer, type ServerOptions, type ServerPlan } from "./server.ts";
import { folderOf, type Target } from "./target.ts";
import { partsOf, treeLines } from "./tree-text.ts";
import type { Loudness } from "./terminal.ts";
import { variablesOf } from "./variables.ts";
import { warn } from "./warnings.ts";

// What `tsgi serve` is asked for, in two steps: the server is known first, then the app is loaded. A process that only
// starts others never loads it.

export interface ServeCommandOptions extends ServerOptions, Loudness {
  appName?: string;
  reload?: boolean;
  open?: boolean;
  eval?: string;
  dev?: boolean;
  envFile?: string[] | false;
}

/** What is going to be served, before any of the user's code has run. */
export interface Plan {
  readonly target: Target | undefined;
  readonly options: ServeCommandOptions;
  readonly globalConf: Readonly<Record<string, string>>;
  readonly file: ConfigFile | undefined;
  readonly settings: CommandSettings;
  readonly server: ServerPlan;
  readonly envFiles: readonly string[];
}

/** @throws (rejects) ConfigError, UsageError */
export async function plan(
  target: Target | undefined,
  assignments: readonly string[],
  options: ServeCommandOptions,
): Promise<Plan> {
  const globalConf = variablesOf(assignments);
  const where: Target = target ?? { kind: "module", file: join(process.cwd(), "-e"), attribute: "default" };
  const envFiles = await loadEnvFiles(options.envFile, folderOf(where));
  const file = await configOf(where, globalConf);
  const settings = await commandSettings(file);
  return {
    target,
    options,
    globalConf,
    file,
    settings,
    server: await planServer(where, file, options, globalConf),
    envFiles,
  };
}

/** What is ready to be served. */
export interface Job {
  /** With whatever it holds on its disposer. */
  readonly app: App;
  readonly overrides: ServeOverrides;
  /** The composition as it is printed. */
  readonly tree: readonly string[];
  /** The files that were read. */
  readonly files: readonly string[];
}

/** Loads the app. @throws (rejects) ConfigError, and what the user's code throws */
export async function load({ target, options, globalConf, file, settings, server, envFiles }: Plan): Promise<Job> {
  const composition = target === undefined ? undefined : await compose(target, { ...options, globalConf });
  const logging = await loggingOf(file);
  if (options.quiet !== true)
    warn([...(composition?.warnings ?? []), ...server.warnings, ...(logging?.warnings ?? [])]);
  let app = composition?.app;
  if (options.eval !== undefined) app = await (await import("./inline.ts")).inline(options.eval, app);
  if (app === undefined) throw new TypeError("neither a file nor -e");
  const served = app;
  if (options.dev ?? settings.dev) app = (await import("./developing.ts")).developing(app, composition?.node);
  if (logging !== undefined) app = logging.filter(app);
  const outer = app;
  const whole: App = (environ, startResponse) => outer(environ, startResponse);
  return {
    app: Object.assign(whole, disposerOf(served, composition?.app, closerOf(logging))),
    overrides: logging === undefined ? {} : { errorLog: logging.errors },
    tree: linesOf(composition),
    files: [...(composition?.files ?? []), ...envFiles],
  };
}

function linesOf(composition: Composition | undefined): string[] {
  if (composition?.node === undefined) return [];
  return treeLines(partsOf(composition.node)).map((line) => `  ${line}`);
}

/** What `[loggers]` of the file sets up, as Pyramid's files have it. */
async function loggingOf(file: ConfigFile | undefined): Promise<Logging | undefined> {
  if (file?.section("loggers") === undefined) return undefined;
  const { configureLogging } = await import("@tsgi/deploy/logging");
  return configureLogging(file.sections, (section) => file.settings(section));
}

/** The log files are closed last, after the apps that write to them. */
function closerOf(logging: Logging | undefined): Lifespan {
  return logging === undefined ? {} : { [Symbol.asyncDispose]: async () => logging.close() };
}
