import type { App, Middleware, ServerRunner } from "@tsgi/core";
import { Construction, type Strings } from "./construct.ts";
import { fromUri } from "./context.ts";
import { ConfigError, type Warning } from "./error.ts";
import { confOf, Finisher, tableOf } from "./finish.ts";
import { RunningHost } from "./host.ts";
import type { Environment } from "./interpolate.ts";
import type { Log } from "./load-module.ts";
import { quote } from "./quote.ts";
import { Session } from "./session.ts";
import { GlobalConf, type Draft } from "./draft.ts";
import type { Kind, Node } from "./tree.ts";
import { folderOf } from "./uri.ts";

export type { Environment } from "./interpolate.ts";

/** Options of everything that loads. */
export interface LoadOptions {
  /** The object's name; it beats the `#name` of the URI. Default `main`. */
  name?: string | undefined;
  /** The folder that a relative path starts from: a path, a URL, or `import.meta.url` of a module in it. Never the working directory. */
  relativeTo?: string | URL | undefined;
  /** Variables from outside: they fill gaps of [DEFAULT], and override it in what factories get. */
  globalConf?: Strings | undefined;
  /** What `%(env:NAME)s` is. Default the process's environment. */
  environment?: Environment | undefined;
  /** Gets a line when jiti loads a module that the runtime does not load itself. Default the error log. */
  log?: Log | undefined;
}

/** What a URI means, read and composed, before anything of it is imported. */
export interface Context<Made = App | Middleware | ServerRunner> {
  readonly kind: Kind;
  readonly node: Node;
  /** As Paste Deploy calls it: `application`, `pipeline`, `filter_app`, `filtered_with`, `filter`, `server`. */
  readonly objectType: string;
  /** `paste.app_factory` and so on; `null` for what is composed and has no factory itself. */
  readonly protocol: string | null;
  readonly globalConf: Strings;
  readonly localConf: Strings;
  /** Every configuration file that was read, in order. */
  readonly files: readonly string[];
  readonly warnings: readonly Warning[];
  /** Imports what the tree names, then calls the factories. @throws (rejects) ConfigError */
  create(): Promise<Made>;
}

/** Global settings overlaid with the object's own. */
export interface AppConfig {
  readonly config: Strings;
  readonly globalConf: Strings;
  readonly localConf: Strings;
  readonly context: Context<App>;
}

/**
 * Loads an app.
 *
 * @param uri `config:/srv/wiki/app.ini#name`, `npm:package#name`, `egg:`, `jsr:`, `call:module:attr`, `file:`
 * @returns the app; its `[Symbol.asyncDispose]` lets go of what its parts hold
 * @throws (rejects) ConfigError
 * @example const app = await loadApp("config:app.ini", { relativeTo: import.meta.url });
 */
export async function loadApp(uri: string | URL, options: LoadOptions = {}): Promise<App> {
  return (await loadContext("app", uri, options)).create();
}

/**
 * Loads a filter, `(app) => app`.
 *
 * @see loadApp
 * @example const logged = (await loadFilter("config:app.ini#log", { relativeTo: import.meta.url }))(app);
 */
export async function loadFilter(uri: string | URL, options: LoadOptions = {}): Promise<Middleware> {
  return (await loadContext("filter", uri, options)).create();
}

/**
 * Loads a server, `(app) => Promise<Server>`.
 *
 * @see loadApp
 * @example const runner = await loadServer("config:app.ini", { relativeTo: import.meta.url });
 * const server = await runner(app);
 */
export async function loadServer(uri: string | URL, options: LoadOptions = {}): Promise<ServerRunner> {
  return (await loadContext("server", uri, options)).create();
}

/**
 * Reads and composes, and imports nothing: for tools that show or compile a configuration.
 *
 * @throws (rejects) ConfigError
 * @example const { files, warnings } = await loadContext("app", "config:app.ini", { relativeTo: import.meta.url });
 */
export function loadContext(kind: "app", uri: string | URL, options?: LoadOptions): Promise<Context<App>>;
export function loadContext(kind: "filter", uri: string | URL, options?: LoadOptions): Promise<Context<Middleware>>;
export function loadContext(kind: "server", uri: string | URL, options?: LoadOptions): Promise<Context<ServerRunner>>;
export function loadContext(kind: Kind, uri: string | URL, options?: LoadOptions): Promise<Context>;
export async function loadContext(kind: Kind, uri: string | URL, options: LoadOptions = {}): Promise<Context> {
  const { session, draft } = await draftOf(kind, uri, options);
  const finisher = new Finisher();
  const node = await finisher.node(draft);
  return {
    kind,
    node,
    objectType: draft.objectType,
    protocol: draft.protocol,
    globalConf: node.globalConf.values,
    localConf: node.localConf.values,
    get files() {
      return session.files;
    },
    get warnings() {
      return session.warnings;
    },
    create: () => new Construction(new RunningHost(finisher, options.log)).whole(node),
  };
}

/**
 * The settings of an app. The modules are imported, as the original does, and no factory is called; the apps that a
 * composite names are left alone.
 *
 * @throws (rejects) ConfigError
 */
export async function appConfig(uri: string | URL, options: LoadOptions = {}): Promise<AppConfig> {
  const { session, draft } = await draftOf("app", uri, options);
  const finisher = new Finisher(() => {});
  const node = await finisher.node(draft);
  const host = new RunningHost(finisher, options.log);
  await new Construction(host).imports(withoutChildren(node));
  const globalConf = confOf(draft.globalConf.all).values;
  const localConf = confOf(draft.localConf).values;
  return {
    config: Object.assign(Object.create(null) as Record<string, string>, globalConf, localConf),
    globalConf,
    localConf,
    context: {
      kind: "app",
      node,
      objectType: draft.objectType,
      protocol: draft.protocol,
      globalConf,
      localConf,
      files: session.files,
      warnings: session.warnings,
      create: () => loadApp(uri, options),
    },
  };
}

/** A tree without the apps that its composites name, wherever in it these are. */
function withoutChildren<N extends Node>(node: N): N {
  switch (node.type) {
    case "factory":
      return { ...node, children: undefined };
    case "pipeline":
      return { ...node, filters: node.filters.map(withoutChildren), app: withoutChildren(node.app) };
    case "filter_app":
      return { ...node, filter: withoutChildren(node.filter), next: withoutChildren(node.next) };
    case "filtered_with":
      return { ...node, filter: withoutChildren(node.filter), inner: withoutChildren(node.inner) };
    default:
      return node;
  }
}

async function draftOf(
  kind: Kind,
  uri: string | URL,
  options: LoadOptions,
): Promise<{ session: Session; draft: Draft }> {
  const session = new Session(options.environment);
  const draft = await fromUri(session, String(uri), options.name, folderOf(options.relativeTo), {
    kind,
    globalConf: given(options.globalConf),
    trail: undefined,
    place: {},
  });
  return { session, draft };
}

/** Variables from outside are checked here, where a program without types may hand over anything. */
export function given(settings: Strings | undefined): GlobalConf {
  for (const [key, value] of Object.entries(settings ?? {}))
    if (typeof value !== "string")
      throw new ConfigError("value", `globalConf: ${quote(key)} is ${typeof value}; settings are strings`);
  return new GlobalConf(tableOf(settings));
}
