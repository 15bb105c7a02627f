import type { Position } from "./error.ts";
import type { Scope } from "./context.ts";
import type { Trail } from "./trail.ts";
import type { Form, Kind, Reference } from "./tree.ts";

// An object while it is being composed. Drafts share their settings as the original's contexts do: what a section that
// `use`s another one sets reaches the parts that were given the same table, and no others.

/** A setting's value and where it comes from. */
export interface Value {
  readonly text: string;
  /** It holds a `%` of the environment: another file must not interpolate it again. */
  readonly literal: boolean;
  /** What says it; nothing for what was given from outside. */
  readonly origin: { readonly at: Position } | undefined;
}

/** Settings in the order of the file. */
export type Table = Map<string, Value>;

/**
 * Global settings. Those of a thousand sections are the same but for their `set` lines: what they have in common is one
 * table, which does not change, and each has what is set for itself.
 */
export class GlobalConf {
  private shared: ReadonlyMap<string, Value>;
  private own: Table | undefined;

  constructor(shared: ReadonlyMap<string, Value>) {
    this.shared = shared;
  }

  get(key: string): Value | undefined {
    return this.own?.get(key) ?? this.shared.get(key);
  }

  set(key: string, value: Value): void {
    this.own ??= new Map();
    this.own.set(key, value);
  }

  /** All of them, as they are now: the same table until something is set. */
  get all(): ReadonlyMap<string, Value> {
    if (this.own !== undefined) {
      this.shared = new Map([...this.shared, ...this.own]);
      this.own = undefined;
    }
    return this.shared;
  }
}

/** What a context is of; Paste Deploy's names. */
export type ObjectType = "application" | "filter" | "server" | "pipeline" | "filter_app" | "filtered_with";

interface Common {
  readonly kind: Kind;
  /** `paste.app_factory`; `null` until the section that uses it says so, and for what has no factory itself. */
  protocol: string | null;
  name: string;
  section: string | undefined;
  at: Position | undefined;
  readonly globalConf: GlobalConf;
  localConf: Table;
  /** Where a composite's loader looks names up. */
  scope: Scope;
  /** Of what another file took over by `use`: the scope that it had in its own. */
  own?: Scope | undefined;
  readonly trail: Trail | undefined;
}

export interface FactoryDraft extends Common {
  readonly objectType: "application" | "filter" | "server";
  readonly reference: Reference;
  readonly form: Form | undefined;
}

export interface PipelineDraft extends Common {
  readonly objectType: "pipeline";
  readonly app: Draft;
  readonly filters: readonly Draft[];
}

export interface FilterAppDraft extends Common {
  readonly objectType: "filter_app";
  readonly filter: Draft;
  readonly next: Draft;
}

export interface FilteredDraft extends Common {
  readonly objectType: "filtered_with";
  readonly filter: Draft;
  readonly inner: Draft;
}

export type Draft = FactoryDraft | PipelineDraft | FilterAppDraft | FilteredDraft;

/** The settings of a section that uses a draft, laid over the draft's own. */
export function overlay(draft: Draft, local: Table): void {
  // what a URI or a module names has no settings yet
  if (draft.section === undefined && draft.localConf.size === 0) {
    draft.localConf = local;
    return;
  }
  for (const [key, value] of local) draft.localConf.set(key, value);
  // a section that is filtered has its settings in the filtered object; the original forgets it (see the README)
  if (draft.objectType === "filtered_with" && draft.inner.localConf !== draft.localConf) overlay(draft.inner, local);
}
