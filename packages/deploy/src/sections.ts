import { suggest } from "@tsgi/core/adapter";
import { ConfigError, type Place } from "./error.ts";
import type { Document, ParsedSection } from "./parse.ts";
import { quote, shown } from "./quote.ts";
import type { Kind } from "./tree.ts";
import { strip } from "./whitespace.ts";

// Which section an app, a filter or a server of a name is.

/** The prefixes of a kind; of two spellings in one list the first that has the name counts. */
const PREFIXES: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  app: [["app", "application"], ["composite", "composit"], ["pipeline"], ["filter-app"]],
  filter: [["filter"]],
  server: [["server"]],
};

/** A section that an app, a filter or a server is made of. */
export interface ObjectSection {
  readonly kind: Kind;
  /** The text after the colon; `main` for a bare `[app]`. */
  readonly name: string;
  readonly section: ParsedSection;
}

/** The prefix of a section, `app` of `app:main`. */
export function prefixOf(section: string): string {
  const colon = section.indexOf(":");
  return colon < 0 ? section : section.slice(0, colon);
}

/** The object sections of a file, found by name at the cost of one look. */
export class SectionIndex {
  readonly objects: readonly ObjectSection[];
  /** Sections of no kind that are named like those of one. */
  private readonly strangers: { readonly section: ParsedSection; readonly prefix: string }[] = [];
  private readonly file: string;
  /** By prefix, then by name; bare sections by prefix alone. */
  private readonly named = new Map<string, Map<string, ParsedSection[]>>();
  private readonly bare = new Map<string, ParsedSection>();

  constructor({ file, sections }: Document) {
    this.file = file;
    const objects: ObjectSection[] = [];
    const kinds = new Map<string, Kind>();
    for (const [kind, groups] of Object.entries(PREFIXES))
      for (const prefix of groups.flat()) kinds.set(prefix, kind as Kind);
    for (const section of sections.values()) {
      const prefix = prefixOf(section.name);
      const kind = kinds.get(prefix);
      if (kind === undefined) {
        if (prefix !== section.name) this.strangers.push({ section, prefix });
        continue;
      }
      const isBare = prefix === section.name;
      const name = isBare ? "main" : strip(section.name.slice(prefix.length + 1));
      objects.push({ kind, name, section });
      if (isBare) this.bare.set(prefix, section);
      else {
        const names = this.named.get(prefix) ?? new Map<string, ParsedSection[]>();
        this.named.set(prefix, names);
        const known = names.get(name);
        if (known === undefined) names.set(name, [section]);
        else known.push(section);
      }
    }
    this.objects = objects;
  }

  /**
   * @param name `undefined` means `main` or a bare `[app]`, whichever there is
   * @returns `undefined` when there is none
   * @throws ConfigError (lookup) when there are several
   */
  find(kind: Kind, name: string | undefined, place: Place): ParsedSection | undefined {
    const possible: ParsedSection[] = [];
    for (const group of PREFIXES[kind])
      for (const prefix of group) {
        const bare = name === undefined ? this.bare.get(prefix) : undefined;
        const named = this.named.get(prefix)?.get(name ?? "main");
        if (bare !== undefined) possible.push(bare);
        if (named !== undefined) possible.push(...named);
        if (bare !== undefined || named !== undefined) break;
      }
    if (possible.length < 2) return possible[0];
    throw new ConfigError(
      "lookup",
      `Ambiguous section names ${possible.map((section) => `'${shown(section.name)}' (line ${section.at.line})`).join(", ")} for ${kind} ${quote(name ?? "main")} in ${this.file}`,
      place,
    );
  }

  /** That there is no such section, and what there is. */
  missing(
    kind: Kind,
    name: string | undefined,
    place: Place,
    else_ = "",
    builtins: readonly string[] = [],
  ): ConfigError {
    const wanted = name ?? "main";
    const prefixes = PREFIXES[kind].flat();
    const other = this.objects.find((object) => object.kind !== kind && object.name === wanted);
    const bare = prefixes.find((prefix) => this.bare.has(prefix));
    const hint =
      wanted === "main" && bare !== undefined
        ? `; only a composite's loader finds a bare [${bare}]: write [${bare}:main]`
        : other !== undefined
          ? `; [${shown(other.section.name)}] (line ${other.section.at.line}) is ${other.kind === "app" ? "an" : "a"} ${other.kind}`
          : suggest(wanted, [...this.names(kind), ...builtins]);
    return new ConfigError(
      "lookup",
      `No section ${quote(wanted)} (prefixed by ${prefixes.map((prefix) => `'${prefix}'`).join(" or ")}) found in config ${this.file}${else_}${hint}`,
      place,
    );
  }

  /** Sections that nothing reads, and whose prefix is nearly one of ours: `[serve:main]`. */
  misspelt(): { readonly section: ParsedSection; readonly hint: string }[] {
    const prefixes = Object.values(PREFIXES).flat(2);
    return this.strangers
      .map(({ section, prefix }) => ({ section, hint: suggest(prefix, prefixes) }))
      .filter(({ hint }) => hint !== "");
  }

  names(kind: Kind): string[] {
    return [...new Set(this.objects.filter((object) => object.kind === kind).map(({ name }) => name))];
  }
}
