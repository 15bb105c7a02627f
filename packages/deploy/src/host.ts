import type { App, Middleware, ServerRunner } from "@tsgi/core";
import { attributesOf, type Found } from "./attribute.ts";
import { BUILTINS } from "./builtin/index.ts";
import { middlewareOf, type Construction, type Host, type Loader, type Strings } from "./construct.ts";
import { GlobalConf } from "./draft.ts";
import { ConfigError, type Place } from "./error.ts";
import { tableOf, withHint, type Finisher, type Origin } from "./finish.ts";
import { importFrom, type Exports, type Log } from "./load-module.ts";
import { printable, quote } from "./quote.ts";
import { placeOfUse, type Part } from "./refusal.ts";
import type { ExistingNode, FactoryNode, Kind, ModuleReference, Node, Reference } from "./tree.ts";

/** Construction as a running process does it: modules are imported, and loaders read the files again. */
export class RunningHost implements Host {
  private readonly finisher: Finisher;
  private readonly log: Log | undefined;
  /** Modules, by the folder that their names are looked up from and by their names. */
  private readonly imported = new Map<string, Map<string, Exports>>();
  private readonly coming = new Map<string, Promise<Exports>>();

  constructor(finisher: Finisher, log: Log | undefined) {
    this.finisher = finisher;
    this.log = log;
  }

  known(node: FactoryNode | ExistingNode): Found | undefined {
    const { reference } = node;
    if (reference.from === "builtin") return undefined;
    const exports = this.imported.get(reference.base)?.get(reference.specifier);
    return exports && attributesOf(exports, reference.path, reference.written, placeOfUse(node));
  }

  async find(reference: Reference, { at, section, key }: Part): Promise<Found> {
    if (reference.from === "builtin") return { value: await BUILTINS[reference.name].load(), holder: undefined };
    const place = { at, section, key };
    let exports: Exports;
    try {
      exports = await this.import(reference);
    } catch (error) {
      // the lines are the runtime's own; what it repeats of a path may hold what steers a terminal
      const said = error instanceof Error ? error.message : String(error);
      const text = said.replace(/[^\n\t]+/g, printable);
      throw new ConfigError("import", `cannot import ${quote(reference.written)}: ${text}`, place, { cause: error });
    }
    return attributesOf(exports, reference.path, reference.written, place);
  }

  /** Imports a module, once however many sections name it; one that fails is tried anew. */
  private async import({ base, specifier }: ModuleReference): Promise<Exports> {
    const key = `${base}\0${specifier}`;
    const coming = this.coming.get(key) ?? importFrom(specifier, base, this.log);
    this.coming.set(key, coming);
    try {
      const exports = await coming;
      const known = this.imported.get(base) ?? new Map<string, Exports>();
      this.imported.set(base, known.set(specifier, exports));
      return exports;
    } finally {
      this.coming.delete(key);
    }
  }

  loader(node: FactoryNode, handed: Strings, construction: Construction): Loader {
    const { scope, own, trail, globalConf } = this.finisher.origins.get(node) as Origin;
    const children = new Map<string, Node>();
    const { values } = node.localConf;
    for (const key of Object.keys(node.children ?? {}))
      children.set(values[key] ?? node.globalConf.values[key], node.children?.[key] as Node);
    const find = async (kind: Kind, name: string | undefined, given: Strings | undefined): Promise<Node> => {
      const request = {
        kind,
        globalConf: given === undefined ? undefined : confLike(given, globalConf),
        trail,
        place: placeOf(node, name),
      };
      const draft = await scope.named(name, request).catch((error: unknown) => {
        throw withHint(error, kind, name ?? "main", scope, own);
      });
      const found = await this.finisher.node(draft);
      await construction.imports(found);
      return found;
    };
    return {
      file: scope.file,
      names: (kind) => scope.names(kind),
      getApp: async (name, given): Promise<App> => {
        const known = given === handed && name !== undefined ? children.get(name) : undefined;
        return construction.app(known ?? (await find("app", name, given)));
      },
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
function confLike(given: Strings, known: GlobalConf): GlobalConf {
  const table = tableOf(given);
  for (const [key, { text }] of table) {
    const before = known.get(key);
    if (before?.text === text) table.set(key, before);
  }
  return new GlobalConf(table);
}

/** The setting that says a name. */
function placeOf(node: FactoryNode, name: string | undefined): Place {
  const { values, origins } = node.localConf;
  const key =
    Object.keys(values).find((each) => values[each] === name) ??
    Object.keys(values).find((each) => name !== undefined && values[each].includes(name));
  return { at: (key === undefined ? undefined : origins[key]) ?? node.at, section: node.section, key };
}
