import type { App, Middleware, ServerRunner } from "@tsgi/core";
import type { ConfigError, Position, Warning } from "./error.ts";
import type { Kind, Node } from "./tree.ts";

/** Settings: plain strings by name; the object has no prototype, so `constructor` and `__proto__` are data. */
export type Settings = Readonly<Record<string, string>>;

/** Where `%(env:NAME)s` is read: the value, or `undefined` when there is none; then the default of `%(env:NAME|default)s` counts. */
export type Environment = (name: string, fallback: string | undefined) => string | undefined;

/** Options of everything that loads. */
export interface LoadOptions {
  /** The object's name; it beats the `#name` of the URI. Default `main`. */
  name?: string | undefined;
  /** The folder that a relative path starts from: a path, a URL, or `import.meta.url` of a module in it. Never the working directory. */
  relativeTo?: string | URL | undefined;
  /** Variables from outside: they fill gaps of [DEFAULT] and override it in what factories get. */
  globalConf?: Settings | undefined;
  /** Default the process's environment; the compiler puts markers here. */
  environment?: Environment | undefined;
}

/** What a URI means, read and composed, before anything of it is imported. */
export interface Context<Made = App | Middleware | ServerRunner> {
  readonly kind: Kind;
  readonly node: Node;
  /** As Paste Deploy calls it: `application`, `pipeline`, `filter_app`, `filtered_with`, `filter`, `server`. */
  readonly objectType: string;
  /** `paste.app_factory` and so on; `null` for what is composed and has no factory itself. */
  readonly protocol: string | null;
  readonly globalConf: Settings;
  readonly localConf: Settings;
  /** Every configuration file that was read, in order. */
  readonly files: readonly string[];
  readonly warnings: readonly Warning[];
  /** Imports what the tree names, then calls the factories. */
  create(): Promise<Made>;
}

/** Global settings overlaid with the object's own. */
export interface AppConfig {
  readonly config: Settings;
  readonly globalConf: Settings;
  readonly localConf: Settings;
  readonly context: Context<App>;
}

/** An option of a section, as the file has it: nothing is interpolated. */
export interface Option {
  readonly key: string;
  readonly value: string;
  readonly at: Position;
}

/** A section, as the file has it. */
export interface Section {
  /** As written, `app:main`. */
  readonly name: string;
  readonly at: Position;
  readonly options: readonly Option[];
}

/** A section that an app, a filter or a server is made of. */
export interface ObjectSection {
  readonly kind: Kind;
  /** The text after the colon; `main` for a bare `[app]`. */
  readonly name: string;
  readonly section: Section;
}

/** One configuration file, for tools: its sections, raw, and their settings, interpolated when they are asked for. */
export interface ConfigFile {
  readonly file: string;
  /** In the order of the file, [DEFAULT] included. */
  readonly sections: readonly Section[];
  readonly objects: readonly ObjectSection[];
  section(name: string): Section | undefined;
  /** A section's own settings, interpolated; empty for a section that is not there. @throws ConfigError */
  settings(name: string): Settings;
}

/** Every problem of a file at once. */
export interface Report {
  readonly errors: readonly ConfigError[];
  readonly warnings: readonly Warning[];
  readonly files: readonly string[];
}

/** Loads the app of a URI: `config:/srv/wiki/app.ini#name`, `npm:package#name`, `egg:`, `call:module:attr`, `jsr:`, `file:`. @throws ConfigError */
export async function loadApp(uri: string | URL, options: LoadOptions = {}): Promise<App> {
  return (await loadContext("app", uri, options)).create();
}

/** Loads a filter. @throws ConfigError */
export async function loadFilter(uri: string | URL, options: LoadOptions = {}): Promise<Middleware> {
  return (await loadContext("filter", uri, options)).create();
}

/** Loads a server: a function that serves an app. @throws ConfigError */
export async function loadServer(uri: string | URL, options: LoadOptions = {}): Promise<ServerRunner> {
  return (await loadContext("server", uri, options)).create();
}

export function loadContext(kind: "app", uri: string | URL, options?: LoadOptions): Promise<Context<App>>;
export function loadContext(kind: "filter", uri: string | URL, options?: LoadOptions): Promise<Context<Middleware>>;
export function loadContext(kind: "server", uri: string | URL, options?: LoadOptions): Promise<Context<ServerRunner>>;
export function loadContext(kind: Kind, uri: string | URL, options?: LoadOptions): Promise<Context>;
export function loadContext(_kind: Kind, _uri: string | URL, _options?: LoadOptions): Promise<Context> {
  return Promise.reject(new Error("the loader is on its way"));
}

/** The settings of an app, no factory called. @throws ConfigError */
export function appConfig(_uri: string | URL, _options: LoadOptions = {}): Promise<AppConfig> {
  return Promise.reject(new Error("the loader is on its way"));
}

/** Loads and validates every app, filter and server of a file, and reports every problem at once. */
export function check(_uri: string | URL, _options: LoadOptions = {}): Promise<Report> {
  return Promise.reject(new Error("the loader is on its way"));
}

/** Reads one file for a tool. @throws ConfigError */
export function readConfig(_uri: string | URL, _options: LoadOptions = {}): Promise<ConfigFile> {
  return Promise.reject(new Error("the loader is on its way"));
}
