import type { App, Middleware, ServerRunner } from "@tsgi/core";
import { Construction, middlewareOf, type Host, type Loader, type Strings } from "../construct.ts";
import { ConfigError, type Category } from "../error.ts";
import { quote } from "../quote.ts";
import type { FactoryNode, Kind, Node } from "../tree.ts";
import { at, type Imported } from "./nodes.ts";

// The other side of construct.ts in a compiled app: what is named has been imported, and what a composite may ask its
// loader for is in a table.

/** Gives the tree of a part, with what the environment says now. @throws ConfigError */
export type Tree = () => Node;

/**
 * What a name stands for: with the global settings that the composite got, and with those of the file alone; one
 * function where both are the same.
 */
export type Entry = Tree | { readonly inherited?: Tree; readonly alone?: Tree };

/** What a compiled composite's loader knows; "" is what `getApp()` without a name means. */
export interface Names {
  readonly app?: Readonly<Record<string, Entry>>;
  readonly filter?: Readonly<Record<string, Entry>>;
  readonly server?: Readonly<Record<string, Entry>>;
  /** All names of the file, whether they were compiled in or not. */
  readonly all?: Readonly<Partial<Record<Kind, readonly string[]>>>;
}

/** A node of a compiled module; a composite that is no built-in says in `knows` what was compiled for it. */
export type CompiledNode = FactoryNode & { readonly knows?: Names };

/** What a compiled module gives beside the tree. */
export interface Given {
  /** Of @tsgi/node; only where a part is a listener. */
  readonly fromListener?: (listener: never) => App;
}

/** What stands for a part that could not be compiled: whoever asks for it is told why. */
export function missing(category: Category, text: string, place?: string): Tree {
  return () => {
    throw new ConfigError(category, text, { at: place === undefined ? undefined : at(place) });
  };
}

/** Makes what a compiled tree says. @throws (rejects) ConfigError */
export function construct(tree: Tree, given: Given = {}): Promise<App | Middleware | ServerRunner> {
  return new Construction(new CompiledHost(given)).whole(tree());
}

class CompiledHost implements Host {
  private readonly given: Given;

  constructor(given: Given) {
    this.given = given;
  }

  async find(reference: unknown): ReturnType<Host["find"]> {
    return (reference as Imported).found();
  }

  async fromListener(): Promise<(listener: unknown) => App> {
    return this.given.fromListener as (listener: unknown) => App;
  }

  loader(node: CompiledNode, globalConf: Strings, construction: Construction): Loader {
    const knows = node.knows ?? ofChildren(node);
    const get = async (kind: Kind, name: string | undefined, given: Strings | undefined): Promise<Node> => {
      const made = pick(knows, kind, name, given, globalConf)();
      await construction.imports(made);
      return made;
    };
    return {
      file: node.file,
      names: (kind) => knows.all?.[kind] ?? Object.keys(knows[kind] ?? {}),
      getApp: async (name, given) => construction.app(await get("app", name, given)),
      getFilter: async (name, given) => middlewareOf(await construction.filter(await get("filter", name, given))),
      getServer: async (name, given) => construction.server(await get("server", name, given)),
    };
  }
}

/** A built-in's apps are in the tree, by the setting that names them. */
function ofChildren(node: FactoryNode): Names {
  const app = Object.create(null) as Record<string, Entry>;
  for (const [key, child] of Object.entries(node.children ?? {}))
    app[node.localConf.values[key] ?? node.globalConf.values[key]] = { inherited: () => child };
  return { app };
}

function pick(
  knows: Names,
  kind: Kind,
  name: string | undefined,
  given: Strings | undefined,
  globalConf: Strings,
): Tree {
  const table = knows[kind] ?? {};
  const entry = Object.hasOwn(table, name ?? "") ? table[name ?? ""] : undefined;
  if (entry === undefined) {
    const there = Object.keys(table).filter((key) => key !== "");
    throw new ConfigError(
      "lookup",
      `${name === undefined ? `the ${kind} that is named by default` : `${kind} ${quote(name)}`} was not compiled in: of what ` +
        `a composite asks for, only what its settings name is${there.length === 0 ? "" : `, here ${there.join(", ")}`}`,
    );
  }
  const inherits = given !== undefined && isSame(given, globalConf);
  if (typeof entry === "function") {
    if (inherits || given === undefined) return entry;
  } else if (inherits) {
    if (entry.inherited !== undefined) return entry.inherited;
  } else if (given === undefined && entry.alone !== undefined) return entry.alone;
  throw new ConfigError(
    "value",
    `${kind} ${quote(name ?? "main")} was compiled with the global settings that the composite got, and without any: what ` +
      "others would make of it is known to the loader alone",
  );
}

function isSame(a: Strings, b: Strings): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}
