import type { Position } from "../error.ts";
import { literal } from "./literal.ts";
import type { Identifiers } from "./identifier.ts";
import type { Writer } from "./writer.ts";

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

interface Statement {
  readonly specifier: string;
  /** Exported name to local name; `*` is the namespace. */
  readonly names: Map<string, string>;
  readonly at: Position | undefined;
}

/** The import statements of a module: one for each module that it names. */
export class Imports {
  private readonly statements = new Map<string, Statement>();
  private readonly identifiers: Identifiers;

  constructor(identifiers: Identifiers) {
    this.identifiers = identifiers;
  }

  /**
   * @param name what the module exports; `default`, or `*` for all of it
   * @param wanted what it is to be called here
   * @param at what names the module
   * @returns what it is called here
   */
  take(specifier: string, name: string, wanted: string, at?: Position): string {
    let statement = this.statements.get(specifier);
    if (statement === undefined) this.statements.set(specifier, (statement = { specifier, names: new Map(), at }));
    let local = statement.names.get(name);
    if (local === undefined) statement.names.set(name, (local = this.identifiers.take(wanted)));
    return local;
  }

  /** The runtime's own modules first, then packages, then files. */
  write(into: Writer): void {
    const all = [...this.statements.values()];
    for (const rank of [0, 1, 2])
      for (const statement of all.filter(({ specifier }) => rankOf(specifier) === rank))
        for (const clause of clausesOf(statement.names))
          into.add(`import ${clause} from ${literal(statement.specifier)};`, statement.at);
  }
}

function rankOf(specifier: string): number {
  if (/^(?:node|cloudflare|bun):/.test(specifier)) return 0;
  return /^\.{0,2}\//.test(specifier) ? 2 : 1;
}

function clausesOf(names: ReadonlyMap<string, string>): string[] {
  const clauses: string[] = [];
  const namespace = names.get("*");
  if (namespace !== undefined) clauses.push(`* as ${namespace}`);
  const named = [...names].filter(([name]) => name !== "*" && name !== "default");
  const parts = [
    ...(names.has("default") ? [names.get("default") as string] : []),
    ...(named.length > 0 ? [`{ ${named.map(([name, local]) => clause(name, local)).join(", ")} }`] : []),
  ];
  if (parts.length > 0) clauses.push(parts.join(", "));
  return clauses;
}

function clause(name: string, local: string): string {
  if (name === local) return name;
  return `${IDENTIFIER.test(name) ? name : literal(name)} as ${local}`;
}
