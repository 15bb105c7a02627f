import type { App, Middleware, ServerRunner } from "@tsgi/core";
import type { Kind } from "./tree.ts";

/** Settings: plain strings by name. */
type Strings = Readonly<Record<string, string>>;

/** What a composite factory gets first: it loads the parts that its settings name. */
export interface Loader {
  /** The app of a name or a URI; `main` or a bare `[app]` without one. Without `globalConf` it starts from the file's [DEFAULT] only. */
  getApp(name?: string, globalConf?: Strings): Promise<App>;
  getFilter(name?: string, globalConf?: Strings): Promise<Middleware>;
  getServer(name?: string, globalConf?: Strings): Promise<ServerRunner>;
  /** The names of a kind in the file whose names this loader resolves. */
  names(kind: Kind): readonly string[];
  /** That file; `undefined` where there is none. */
  readonly file: string | undefined;
}
