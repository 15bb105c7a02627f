import { dirname, relative } from "node:path";
import { BUILTINS } from "./builtin/index.ts";
import type { Draft, FactoryDraft, GlobalConf, Value } from "./draft.ts";
import { ConfigError, type Position } from "./error.ts";
import type { Scope } from "./context.ts";
import type { Trail } from "./trail.ts";
import { Pending, settled } from "./pending.ts";
import type { Conf, Kind, Node, Protocol } from "./tree.ts";

// Drafts to the plain tree: nothing changes any more, so settings become records, and the apps that a built-in composite
// names are looked up, which shows what is wrong with them before anything is imported.

/** What a tree leaves out: where a node's loader looks up names, and how it came to be there. */
export interface Origin {
  readonly scope: Scope;
  /** Of what another file took over: the scope that it had in its own. */
  readonly own: Scope | undefined;
  readonly trail: Trail | undefined;
  readonly globalConf: GlobalConf;
}

const DEFAULT_PROTOCOLS: Readonly<Record<Kind, Protocol>> = {
  app: "app_factory",
  filter: "filter_factory",
  server: "server_factory",
};

/** `paste.composit_factory` is an old spelling. */
export function protocolOf(draft: FactoryDraft): Protocol {
  const said = draft.protocol?.slice(draft.protocol.lastIndexOf(".") + 1);
  return (
    ((said === "composit_factory" ? "composite_factory" : said) as Protocol | undefined) ??
    DEFAULT_PROTOCOLS[draft.kind]
  );
}

/** Makes nodes of drafts, and remembers where they come from. */
export class Finisher {
  readonly origins = new WeakMap<Node, Origin>();
  private readonly confs = new Map<ReadonlyMap<string, Value>, Conf>();
  private readonly report: ((error: unknown) => void) | undefined;

  /** @param report gets what is wrong with a composite's child, which is then left out; without it that is thrown */
  constructor(report?: (error: unknown) => void) {
    this.report = report;
  }

  node(draft: Draft): Promise<Node> {
    return settled(() => this.finish(draft));
  }

  private finish(draft: Draft): Node {
    switch (draft.objectType) {
      case "pipeline": {
        const base = this.base(draft);
        const app = this.finish(draft.app);
        const filters: Node[] = [];
        for (const filter of draft.filters) filters.push(this.finish(filter));
        return { type: "pipeline", kind: "app", ...base, filters, app };
      }
      case "filter_app":
        return {
          type: "filter_app",
          kind: "app",
          ...this.base(draft),
          filter: this.finish(draft.filter),
          next: this.finish(draft.next),
        };
      case "filtered_with":
        return {
          type: "filtered_with",
          kind: draft.kind as "app" | "filter",
          ...this.base(draft),
          filter: this.finish(draft.filter),
          inner: this.finish(draft.inner),
        };
      default:
        return this.made(draft);
    }
  }

  private base({ name, section, at, globalConf, localConf }: Draft) {
    return { name, section, at, globalConf: this.conf(globalConf), localConf: confOf(localConf) };
  }

  private made(draft: FactoryDraft): Node {
    const { kind, name, section, at, reference, form } = draft;
    if (form !== undefined && reference.from === "module")
      return { type: "existing", kind: kind as "app" | "filter", ...this.base(draft), form, reference };
    const globalConf = this.conf(draft.globalConf);
    const localConf = confOf(draft.localConf);
    const node: Node = {
      type: "factory",
      kind,
      name,
      section,
      at,
      globalConf,
      localConf,
      protocol: protocolOf(draft),
      reference,
      children: this.children(draft, localConf, globalConf),
      file: draft.scope.file,
    };
    this.origins.set(node, { scope: draft.scope, own: draft.own, trail: draft.trail, globalConf: draft.globalConf });
    return node;
  }

  /** The apps that a built-in composite's settings name. */
  private children(draft: FactoryDraft, local: Conf, global: Conf): Record<string, Node> | undefined {
    if (draft.reference.from !== "builtin") return undefined;
    const keys = BUILTINS[draft.reference.name].children?.(local.values, global.values);
    if (keys === undefined) return undefined;
    const children = Object.create(null) as Record<string, Node>;
    for (const key of keys) {
      const name = local.values[key] ?? global.values[key];
      // an empty not_found_app is none
      if (name === undefined || name === "") continue;
      try {
        const at: Position | undefined = local.origins[key] ?? global.origins[key] ?? draft.at;
        const child = draft.scope.find(name, {
          kind: "app",
          globalConf: draft.globalConf,
          trail: draft.trail,
          place: { at, section: draft.section, key },
        });
        children[key] = this.finish(child);
      } catch (error) {
        const explained = withHint(error, "app", name, draft.scope, draft.own);
        if (this.report === undefined || error instanceof Pending) throw explained;
        this.report(explained);
      }
    }
    return children;
  }

  /** Global settings, which most parts have in common. */
  private conf({ all }: GlobalConf): Conf {
    let conf = this.confs.get(all);
    if (conf === undefined) this.confs.set(all, (conf = confOf(all)));
    return conf;
  }
}

/**
 * Settings as records without a prototype: `__proto__` and `constructor` are settings as any other. They are made when
 * somebody looks: of a thousand sections hardly one has its origins read.
 */
class TableConf implements Conf {
  private readonly table: ReadonlyMap<string, Value>;
  private made: Record<string, string> | undefined;
  private places: Record<string, Position> | undefined;

  constructor(table: ReadonlyMap<string, Value>) {
    this.table = table;
  }

  get values(): Readonly<Record<string, string>> {
    if (this.made !== undefined) return this.made;
    const values = Object.create(null) as Record<string, string>;
    // an iterator would make an array for each entry
    this.table.forEach(({ text }, key) => (values[key] = text));
    return (this.made = values);
  }

  get origins(): Readonly<Record<string, Position>> {
    if (this.places !== undefined) return this.places;
    const origins = Object.create(null) as Record<string, Position>;
    this.table.forEach(({ origin }, key) => {
      if (origin !== undefined) origins[key] = origin.at;
    });
    return (this.places = origins);
  }

  toJSON(): Conf {
    return { values: this.values, origins: this.origins };
  }

  [Symbol.for("nodejs.util.inspect.custom")](): Conf {
    return this.toJSON();
  }
}

/** The settings of a table, which must not change any more. */
export function confOf(table: ReadonlyMap<string, Value>): Conf {
  return new TableConf(table);
}

/**
 * An error of looking up a name, which says so where the composite's own file has the name: it was taken over by another
 * file, in which its names are looked up.
 */
export function withHint(error: unknown, kind: Kind, name: string, scope: Scope, own: Scope | undefined): unknown {
  if (!(error instanceof ConfigError) || error.category !== "lookup" || own?.file === undefined) return error;
  if (scope.names(kind).includes(name) || !own.names(kind).includes(name)) return error;
  const path = scope.file === undefined ? own.file : relative(dirname(scope.file), own.file);
  return new ConfigError(
    error.category,
    `${error.text}; ${own.file} has it, and what is taken over from there by 'use' looks names up here: write 'config:${path}#${name}'`,
    error,
    { cause: error },
  );
}

/** Settings from outside. */
export function tableOf(settings: Readonly<Record<string, string>> | undefined): Map<string, Value> {
  const table = new Map<string, Value>();
  for (const [key, text] of Object.entries(settings ?? {})) table.set(key, { text, literal: false, origin: undefined });
  return table;
}
