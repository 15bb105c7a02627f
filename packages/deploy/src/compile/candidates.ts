import { ConfigError, type Position } from "../error.ts";
import type { Origin, Finisher } from "../finish.ts";
import type { FactoryNode, Kind, Node } from "../tree.ts";
import { isUri } from "../uri.ts";
import { words } from "../whitespace.ts";

// What a composite of the user's may ask its loader for. Its factory runs when there is no file any more, so whatever its
// settings name is compiled: each value, and each word of it, that is the name of a section or a URI.

/** What a name stands for, or why it cannot be made. */
export type Candidate = Node | ConfigError;

/** A name, and what it means with the composite's global settings (`inherited`) and with the file's alone. */
export interface Named {
  readonly kind: Kind;
  /** "" is what the loader gives without a name. */
  readonly name: string;
  readonly inherited: Candidate;
  readonly alone: Candidate;
  /** The setting that says the name. */
  readonly at: Position | undefined;
}

const KINDS = ["app", "filter", "server"] as const;

/** @param finisher of the tree that the node is in */
export async function namedBy(node: FactoryNode, finisher: Finisher): Promise<Named[]> {
  const origin = finisher.origins.get(node) as Origin;
  const found: Named[] = [];
  for (const [name, at] of namesIn(node, origin)) {
    const possible: Named[] = [];
    for (const kind of KINDS)
      if (isUri(name) || origin.scope.names(kind).includes(name)) possible.push(await look(kind, name, at));
    const sound = possible.filter(({ inherited }) => !(inherited instanceof ConfigError));
    // a URI is of one kind, and that it is none of the others is no fault
    if (!isUri(name)) found.push(...possible);
    else found.push(...(sound.length > 0 ? sound : possible.slice(0, 1)));
  }
  // `getApp()` is for those that name none
  if (found.some(({ kind }) => kind === "app")) return found;
  const main = await look("app", "", node.at);
  return main.inherited instanceof ConfigError ? found : [...found, main];

  async function look(kind: Kind, name: string, at: Position | undefined): Promise<Named> {
    const one = async (globalConf: Origin["globalConf"] | undefined): Promise<Candidate> => {
      try {
        const place = { at: at ?? node.at, section: node.section };
        const draft = await origin.scope.named(name === "" ? undefined : name, {
          kind,
          globalConf,
          trail: origin.trail,
          place,
        });
        return await finisher.node(draft);
      } catch (error) {
        if (error instanceof ConfigError) return error;
        throw error;
      }
    };
    return { kind, name, at, inherited: await one(origin.globalConf), alone: await one(undefined) };
  }
}

/** The names that settings may mean, each with the place of the first that says it. */
function namesIn(node: FactoryNode, { scope }: Origin): Map<string, Position | undefined> {
  const names = new Map<string, Position | undefined>();
  const known = new Set(KINDS.flatMap((kind) => scope.names(kind)));
  for (const [key, value] of Object.entries(node.localConf.values))
    for (const name of [value, ...words(value)])
      if (name !== "" && !names.has(name) && (known.has(name) || isUri(name)))
        names.set(name, node.localConf.origins[key]);
  return names;
}
