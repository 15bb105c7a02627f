import type { App } from "@tsgi/core";
import type { Protocol } from "../tree.ts";

/** Strings as a file gives them. */
export type Strings = Readonly<Record<string, string>>;

/** What a composite's factory gets first: finds apps by the names that its file knows. */
export interface AppLoader {
  /** The app of a section, or of a URI; `globalConf` is what its factory gets first. */
  getApp(name?: string, globalConf?: Strings): Promise<App>;
}

/** What is accepted and has no effect here: a setting of another server that this one has no counterpart for. */
export interface SettingWarning {
  readonly key: string;
  readonly message: string;
}

/** A component that comes with TSGI. */
export interface Builtin {
  /** How its factory is called. */
  readonly protocol: Protocol;
  /** The module whose export `factory` is the factory, for whoever writes an import statement. */
  readonly specifier: string;
  /** Imports the factory. */
  load(): Promise<BuiltinFactory>;
  /** Of a composite: the keys of the settings that name child apps, in the order in which it loads them. A name that `localConf` lacks is read from `globalConf`. */
  children?(localConf: Strings, globalConf: Strings): readonly string[];
  /** Says which settings have no effect; nothing is made for that. */
  warnings?(localConf: Strings): Promise<readonly SettingWarning[]>;
}

/** A factory by the protocol that its `Builtin` names: `(globalConf, localConf)`, with the loader or the app before. */
export type BuiltinFactory = (...args: never[]) => unknown;
