import { suggest } from "@tsgi/core/settings";
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

const KINDS: ReadonlyMap<string, Kind> = new Map(
  (Object.keys(PREFIXES) as Kind[]).flatMap((kind) => PREFIXES[kind].flat().map((prefix) => [prefix, kind])),
);

/** The object sections of a file, found by name at the cost of one look. */
export class SectionIndex {
  readonly objects: readonly ObjectSection[];
  /** Sections of no kind that are named like those of one. */
  private readonly strangers: { readonly section: ParsedSection; readonly prefix: string }[] = [];
  private readonly file: string;
  /** The sections of a kind that have a name; bare ones are not among them. */
  private readonly named: Readonly<Record<Kind, Map<string, ParsedSection[]>>> = {
    app: new Map(),
    filter: new Map(),
    server: new Map(),
  };
  /** By prefix. */
  private readonly bare = new Map<string, ParsedSection>();

  constructor({ file, sections }: Document) {
    this.file = file;
    const objects: ObjectSection[] = [];
    for (const section of sections.values()) {
      const prefix = prefixOf(section.name);
      const isBare = prefix === section.name;
      const kind = KINDS.get(prefix);
      if (kind === undefined) {
        if (!isBare) this.strangers.push({ section, prefix });
        continue;
      }
      const name = isBare ? "main" : strip(section.name.slice(prefix.length + 1));
      objects.push({ kind, name, section });
      if (isBare) this.bare.set(prefix, section);
      else {
        const known = this.named[kind].get(name);
        if (known === undefined) this.named[kind].set(name, [section]);
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
    const named = this.named[kind].get(name ?? "main") ?? [];
    if (named.length < 2 && (name !== undefined || this.bare.size === 0)) return named[0];
    const possible: ParsedSection[] = [];
    for (const group of PREFIXES[kind])
      for (const prefix of group) {
        const bare = name === undefined ? this.bare.get(prefix) : undefined;
        const found = named.filter((section) => prefixOf(section.name) === prefix);
        if (bare !== undefined) found.unshift(bare);
        possible.push(...found);
        if (found.length > 0) break;
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
