import type { Protocol } from "../tree.ts";

/** Settings as a file gives them. */
export type Strings = Readonly<Record<string, string>>;

/** A component that comes with TSGI: how it is called, and where it is. */
export interface Builtin {
  readonly protocol: Protocol;
  /** Imports the factory, which is called as its protocol says. */
  load(): Promise<(...args: never[]) => unknown>;
  /** Of a composite: the settings that name child apps, in the order in which it loads them. A name that `localConf` lacks is read from `globalConf`. */
  children?(localConf: Strings, globalConf: Strings): readonly string[];
}
