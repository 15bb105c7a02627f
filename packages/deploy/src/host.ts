import type { App, Middleware, ServerRunner } from "@tsgi/core";
import { attributesOf, type Found } from "./attribute.ts";
import { BUILTINS } from "./builtin/index.ts";
import { middlewareOf, type Construction, type Host, type Loader, type Strings } from "./construct.ts";
import type { Table } from "./draft.ts";
import { ConfigError, type Place } from "./error.ts";
import { tableOf, type Finisher, type Origin } from "./finish.ts";
import { importFrom, type Log } from "./load-module.ts";
import { quote } from "./quote.ts";
import type { Part } from "./refusal.ts";
import type { FactoryNode, Kind, Node, Reference } from "./tree.ts";

/** Construction as a running process does it: modules are imported, and loaders read the files again. */
export class RunningHost implements Host {
  private readonly finisher: Finisher;
  private readonly log: Log | undefined;
  private readonly found = new Map<Reference, Promise<Found>>();

  constructor(finisher: Finisher, log: Log | undefined) {
    this.finisher = finisher;
    this.log = log;
  }

  find(reference: Reference, part: Part): Promise<Found> {
    let found = this.found.get(reference);
    if (found === undefined) {
      found = this.import(reference, { at: part.at, section: part.section, key: part.key });
      found.catch(() => this.found.delete(reference));
      this.found.set(reference, found);
    }
    return found;
  }

  private async import(reference: Reference, place: Place): Promise<Found> {
    if (reference.from === "builtin") return { value: await BUILTINS[reference.name].load(), holder: undefined };
    let exports: Readonly<Record<string, unknown>>;
    try {
      exports = await importFrom(reference.specifier, reference.base, this.log);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new ConfigError("import", `cannot import ${quote(reference.written)}: ${text}`, place, { cause: error });
    }
    return attributesOf(exports, reference.path, reference.written.replace(/:[^:/\\]*$/, ""), place);
  }

  loader(node: FactoryNode, handed: Strings, construction: Construction): Loader {
    const { scope, trail, globalConf } = this.finisher.origins.get(node) as Origin;
    const children = new Map<string, Node>();
    for (const [key, child] of Object.entries(node.children ?? {}))
      children.set(node.localConf.values[key] ?? node.globalConf.values[key], child);
    const find = async (kind: Kind, name: string | undefined, given: Strings | undefined): Promise<Node> => {
      const known = kind === "app" && given === handed && name !== undefined ? children.get(name) : undefined;
      if (known !== undefined) return known;
      const draft = await scope.named(name, {
        kind,
        globalConf: given === undefined ? undefined : tableLike(given, globalConf),
        trail,
        place: placeOf(node, name),
      });
      const found = await this.finisher.node(draft);
      await construction.imports(found);
      return found;
    };
    return {
      file: scope.file,
      names: (kind) => scope.names(kind),
      getApp: async (name, given): Promise<App> => construction.app(await find("app", name, given)),
      getFilter: async (name, given): Promise<Middleware> =>
        middlewareOf(await construction.filter(await find("filter", name, given))),
      getServer: async (name, given): Promise<ServerRunner> => construction.server(await find("server", name, given)),
    };
  }

  async fromListener(): Promise<(listener: unknown) => App> {
    const { fromListener } = (await import("@tsgi/node")) as unknown as { fromListener: unknown };
    return fromListener as (listener: unknown) => App;
  }
}

/** Settings as a factory hands them on; what it has not changed keeps its place. */
function tableLike(given: Strings, known: Table): Table {
  const table = tableOf(given);
  for (const [key, { text }] of table) {
    const before = known.get(key);
    if (before?.text === text) table.set(key, before);
  }
  return table;
}

/** The setting that says a name. */
function placeOf(node: FactoryNode, name: string | undefined): Place {
  const { values, origins } = node.localConf;
  const key =
    Object.keys(values).find((each) => values[each] === name) ??
    Object.keys(values).find((each) => name !== undefined && values[each].includes(name));
  return { at: (key === undefined ? undefined : origins[key]) ?? node.at, section: node.section, key };
}
