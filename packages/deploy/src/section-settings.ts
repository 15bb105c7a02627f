import { dirname } from "node:path";
import { suggest } from "@tsgi/core/settings";
import { GlobalConf, type Table, type Value } from "./draft.ts";
import { ConfigError, type Position } from "./error.ts";
import { interpolate, type Environment, type Raw, type Scope as Names } from "./interpolate.ts";
import { DEFAULT, type Document, type ParsedSection } from "./parse.ts";
import { quote, shown } from "./quote.ts";
import type { Session } from "./session.ts";
import { strip } from "./whitespace.ts";

// What a section's options amount to: [DEFAULT] and variables from outside, `set`, `get`, and its own.

const NOTHING: ReadonlyMap<string, Value> = new Map();

/** A value as it is written, or given from outside. */
type Source = Raw | (Raw & { readonly at: Position });

function placed(source: Source): { readonly at: Position } | undefined {
  return "at" in source ? source : undefined;
}

/** `set NAME` and `get NAME`. */
function isVerb(key: string): boolean {
  return key.charAt(3) === " " && (key.startsWith("set") || key.startsWith("get"));
}

/** What a section says, once read. */
export interface SectionSettings {
  readonly globalConf: GlobalConf;
  readonly localConf: Table;
  /** The `set` lines alone. */
  readonly additions: ReadonlyMap<string, Value>;
}

/** A section that is being read. */
interface Reading {
  readonly section: ParsedSection;
  readonly names: Names;
  readonly globalConf: GlobalConf;
  readonly localConf: Table;
  additions: Table | undefined;
  /** The `get` lines by name, the last of each: they count when everything is set. */
  gets: Map<string, Value> | undefined;
}

/** A file's settings, together with the variables that it was given. */
export class SettingsReader {
  private readonly session: Session;
  private readonly file: string;
  /** [DEFAULT] as it is written, `here`, `__file__`, and what was given from outside where there is no such key. */
  private readonly raw = new Map<string, Source>();
  private readonly outside: ReadonlySet<string>;
  private readonly inherited: readonly (readonly [string, Source])[];
  private cooked: Table | undefined;
  /** [DEFAULT] with other settings laid over it, by those. */
  private readonly overlaid = new Map<ReadonlyMap<string, Value>, Table>();

  constructor(session: Session, document: Document, globalConf: ReadonlyMap<string, Value> | undefined) {
    this.session = session;
    this.file = document.file;
    this.raw.set("here", { value: dirname(this.file), literal: true });
    this.raw.set("__file__", { value: this.file, literal: true });
    for (const option of document.sections.get(DEFAULT)?.options ?? []) this.raw.set(option.key, option);
    const outside = new Set<string>();
    for (const [key, { text, literal }] of globalConf ?? []) {
      if (this.raw.has(key)) continue;
      this.raw.set(key, { value: text, literal });
      outside.add(key);
    }
    this.outside = outside;
    this.inherited = [...this.raw].filter(([key]) => isVerb(key));
  }

  /** Whether every section has a key, by [DEFAULT] or from outside. */
  isGlobal(key: string): boolean {
    return this.raw.has(key);
  }

  /** What a section says by itself: its options over [DEFAULT] and what was given. */
  read(section: ParsedSection, given: GlobalConf | undefined): SectionSettings {
    const defaults = this.defaults();
    const globalConf = new GlobalConf(this.under(given?.all ?? NOTHING));
    const localConf: Table = new Map();
    const names = new SectionNames(this, this.file, section, this.session.environment);
    const reading: Reading = { section, names, globalConf, localConf, additions: undefined, gets: undefined };
    for (const option of section.options) this.take(option.key, option, defaults, reading);
    // `set` and `get` lines of [DEFAULT] count in every section that has not the same
    for (const [key, raw] of this.inherited)
      if (section.find(key) === undefined) this.take(key, raw, defaults, reading);
    for (const [name, from] of reading.gets ?? []) {
      const value = globalConf.get(from.text);
      if (value === undefined)
        throw new ConfigError(
          "key",
          `get ${shown(name)}: there is no global setting ${quote(from.text)}${suggest(from.text, [...globalConf.all.keys()])}`,
          { at: from.origin?.at, section: section.name, key: `get ${name}` },
        );
      localConf.set(name, value);
    }
    return { globalConf, localConf, additions: reading.additions ?? NOTHING };
  }

  private valueOf(raw: Source, key: string, names: Names): Value {
    try {
      const { text, literal } = interpolate(raw, key, names);
      return { text, literal, origin: placed(raw) };
    } catch (error) {
      this.session.fault(error);
      return { text: raw.value, literal: true, origin: placed(raw) };
    }
  }

  private take(key: string, raw: Source, defaults: Table, reading: Reading): void {
    if (isVerb(key)) return this.setOrGet(key, raw, reading);
    if (defaults.has(key)) return this.warnHidden(reading.section, key, placed(raw)?.at ?? reading.section.at);
    reading.localConf.set(key, this.valueOf(raw, key, reading.names));
  }

  private setOrGet(key: string, raw: Source, reading: Reading): void {
    const value = this.valueOf(raw, key, reading.names);
    const name = strip(key.slice(4));
    if (key.startsWith("get ")) {
      reading.gets ??= new Map();
      reading.gets.set(name, value);
    } else {
      reading.globalConf.set(name, value);
      reading.additions ??= new Map();
      reading.additions.set(name, value);
    }
  }

  /** [DEFAULT] with other settings laid over it. */
  private under(outer: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
    let all = this.overlaid.get(outer);
    if (all === undefined) this.overlaid.set(outer, (all = new Map([...this.defaults(), ...outer])));
    return all;
  }

  /** [DEFAULT], interpolated by itself. */
  private defaults(): Table {
    if (this.cooked !== undefined) return this.cooked;
    const names: Names = {
      file: this.file,
      section: DEFAULT,
      lookup: (name) => this.raw.get(name),
      names: () => [...this.raw.keys()],
      environment: this.session.environment,
    };
    const cooked: Table = new Map();
    for (const [key, raw] of this.raw) cooked.set(key, this.valueOf(raw, key, names));
    return (this.cooked = cooked);
  }

  /** What a name in a section's values means. */
  lookup(section: ParsedSection, name: string): Raw | undefined {
    return section.find(name) ?? this.raw.get(name);
  }

  namesIn(section: ParsedSection): string[] {
    return [...section.options.map(({ key }) => key), ...this.raw.keys()];
  }

  private warnHidden(section: ParsedSection, key: string, at: Position): void {
    const source = this.raw.get(key);
    const known = source && placed(source)?.at;
    const by =
      known !== undefined
        ? `[DEFAULT] has it too (line ${known.line})`
        : this.outside.has(key)
          ? "a variable of that name was given from outside"
          : "every file has it";
    const instead =
      key === "use" || key === "next" || key === "pipeline" || key === "filter-with"
        ? "take it out of [DEFAULT]"
        : `write 'set ${shown(key)} = …'`;
    this.session.warn({
      message: `${quote(key)} is no setting of [${shown(section.name)}], because ${by}; ${instead}`,
      at,
      section: section.name,
      key,
    });
  }

  /** A section's own options, interpolated; for sections that are no app, filter or server. */
  own(section: ParsedSection): Record<string, string> {
    const names = new SectionNames(this, this.file, section, this.session.environment);
    const settings = Object.create(null) as Record<string, string>;
    for (const option of section.options) settings[option.key] = interpolate(option, option.key, names).text;
    return settings;
  }
}

/** The names that the values of a section may refer to. */
class SectionNames implements Names {
  readonly file: string;
  readonly environment: Environment;
  private readonly scope: SettingsReader;
  private readonly own: ParsedSection;

  constructor(scope: SettingsReader, file: string, own: ParsedSection, environment: Environment) {
    this.scope = scope;
    this.file = file;
    this.own = own;
    this.environment = environment;
  }

  get section(): string {
    return this.own.name;
  }

  lookup(name: string): Raw | undefined {
    return this.scope.lookup(this.own, name);
  }

  names(): string[] {
    return this.scope.namesIn(this.own);
  }
}
