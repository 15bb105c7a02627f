import type { Position, Warning } from "../error.ts";
import { LEVELS } from "./levels.ts";

// The sections of a file that say what is logged: read, with a warning for everything that is not understood. Nothing
// here is an error: a file that Python takes must not keep a server from starting over a log.

/** A section as the file has it. */
export interface RawSection {
  readonly name: string;
  readonly at: Position;
  readonly options: readonly { readonly key: string; readonly value: string; readonly at: Position }[];
}

/** Reads options of sections and collects warnings. */
export class SectionReader {
  readonly warnings: Warning[] = [];
  private readonly sections: ReadonlyMap<string, RawSection>;
  private readonly interpolated: (section: string) => Readonly<Record<string, string>>;
  private readonly failed = new Set<string>();

  /** @param interpolated a section's options with `%(here)s` and the like put in; it may throw */
  constructor(
    sections: readonly RawSection[],
    interpolated: (section: string) => Readonly<Record<string, string>> = () => ({}),
  ) {
    this.sections = new Map(sections.map((section) => [section.name, section]));
    this.interpolated = interpolated;
  }

  section(name: string): RawSection | undefined {
    return this.sections.get(name);
  }

  /** An option as it is written. */
  raw(section: string, key: string): string | undefined {
    return this.sections.get(section)?.options.find((option) => option.key === key)?.value;
  }

  /** An option with variables put in. */
  value(section: string, key: string): string | undefined {
    const raw = this.raw(section, key);
    if (raw === undefined || !raw.includes("%")) return raw;
    try {
      return this.interpolated(section)[key] ?? raw;
    } catch (error) {
      if (!this.failed.has(section)) this.warn(error instanceof Error ? error.message : String(error), section, key);
      this.failed.add(section);
      return raw;
    }
  }

  /** The words of `keys = a, b`, each with the section that it means; one that is missing is warned of. */
  keys(list: string, prefix: string): string[] {
    return this.words(list, "keys").filter((word) => {
      if (this.sections.has(`${prefix}_${word}`)) return true;
      this.warn(`there is no section [${prefix}_${word}]`, list, "keys");
      return false;
    });
  }

  words(section: string, key: string): string[] {
    return (this.value(section, key) ?? "")
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "");
  }

  /** A level's number; `undefined` where none is given, or none is known by that name. */
  level(section: string): number | undefined {
    const text = this.value(section, "level")?.trim();
    if (text === undefined || text === "") return undefined;
    if (Object.hasOwn(LEVELS, text.toUpperCase())) return LEVELS[text.toUpperCase()];
    if (/^[0-9]{1,9}$/.test(text)) return Number(text);
    this.warn(`level '${text}' is none of ${Object.keys(LEVELS).join(", ")}`, section, "level");
    return undefined;
  }

  /** Warns of options that nobody reads. */
  unread(section: string, known: readonly string[]): void {
    for (const { key } of this.sections.get(section)?.options ?? [])
      if (!known.includes(key)) this.warn(`'${key}' has no effect here; known are ${known.join(", ")}`, section, key);
  }

  warn(message: string, section: string, key?: string): void {
    const found = this.sections.get(section);
    if (found === undefined) return;
    const at = found.options.find((option) => option.key === key)?.at ?? found.at;
    this.warnings.push({ message: `[${section}]${key === undefined ? "" : ` ${key}`}: ${message}`, at, section, key });
  }
}
