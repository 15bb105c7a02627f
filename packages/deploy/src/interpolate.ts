import { suggest } from "@tsgi/core/adapter";
import { ConfigError, type Category, type Position } from "./error.ts";
import { quote, shown } from "./quote.ts";

// `%(name)s`, `%%`, `%(env:NAME)s` and `%(env:NAME|default)s`: Python's BasicInterpolation, and variables of the
// environment, which it does not have.

/** Steps from a value to the values in it; one more is taken for a circle (configparser.MAX_INTERPOLATION_DEPTH). */
const MAX_DEPTH = 10;

/** Values put into one value. Ten levels of ten references each would be 10^10. */
const MAX_SUBSTITUTIONS = 100_000;

/** A value before interpolation. */
export interface Raw {
  readonly value: string;
  /** Taken as it is: the path of a folder, or what came from the environment, may hold a `%`. */
  readonly literal?: boolean | undefined;
  /** Where its lines stand; absent for what was given from outside. */
  readonly lines?: readonly Position[] | undefined;
}

/** A value after interpolation. */
export interface Cooked {
  readonly text: string;
  /** It holds a `%` of the environment, and so must not be interpolated again. */
  readonly literal: boolean;
}

/** Where `%(env:NAME)s` is read: the value, or `undefined` when there is none; then the default of `%(env:NAME|default)s` counts. */
export type Environment = (name: string, fallback: string | undefined) => string | undefined;

/** What the names in a value mean. */
export interface Scope {
  readonly file: string;
  readonly section: string;
  lookup(name: string): Raw | undefined;
  names(): string[];
  readonly environment: Environment;
}

/**
 * A value with its references replaced.
 *
 * @param key its name, for errors
 * @throws ConfigError (ini-interpolation-…) naming the option, and where the reference stands
 */
export function interpolate(raw: Raw, key: string, scope: Scope): Cooked {
  if (raw.literal === true || !raw.value.includes("%")) return { text: raw.value, literal: raw.literal === true };
  const run = new Run(key, scope);
  run.expand(raw, 1);
  return { text: run.text, literal: run.literal };
}

class Run {
  text = "";
  literal = false;
  private left = MAX_SUBSTITUTIONS;
  private readonly key: string;
  private readonly scope: Scope;

  constructor(key: string, scope: Scope) {
    this.key = key;
    this.scope = scope;
  }

  expand(raw: Raw, depth: number): void {
    const { value: text } = raw;
    if (depth > MAX_DEPTH)
      this.fail(
        "ini-interpolation-depth",
        raw,
        0,
        `contains an interpolation key which cannot be substituted in ${MAX_DEPTH} steps (a circle?)`,
      );
    for (let start = 0; start < text.length;) {
      const percent = text.indexOf("%", start);
      if (percent < 0) {
        this.text += text.slice(start);
        return;
      }
      this.text += text.slice(start, percent);
      const sign = text[percent + 1];
      if (sign === "%") {
        this.text += "%";
        start = percent + 2;
        continue;
      }
      if (sign !== "(")
        this.fail(
          "ini-interpolation-syntax",
          raw,
          percent,
          `has '%' followed by ${sign === undefined ? "nothing" : quote(text.slice(percent + 1, percent + 20))}; a percent sign is written '%%', a reference '%(name)s'`,
        );
      const close = text.indexOf(")", percent);
      if (close < percent + 3 || text[close + 1] !== "s")
        this.fail(
          "ini-interpolation-syntax",
          raw,
          percent,
          `has a bad interpolation variable reference ${quote(text.slice(percent, percent + 40))}; it is written '%(name)s', and a percent sign '%%'`,
        );
      if (--this.left < 0)
        this.fail("ini-interpolation-depth", raw, percent, `takes more than ${MAX_SUBSTITUTIONS} substitutions`);
      this.reference(text.slice(percent + 2, close), raw, percent, depth);
      start = close + 2;
    }
  }

  private reference(name: string, raw: Raw, offset: number, depth: number): void {
    const known = this.scope.lookup(name);
    if (known !== undefined) {
      if (known.literal !== true && known.value.includes("%")) return this.expand(known, depth + 1);
      this.take(known.value, known.literal === true);
      return;
    }
    if (!name.startsWith("env:"))
      this.fail(
        "ini-interpolation-missing",
        raw,
        offset,
        `contains an interpolation key ${quote(name)} which is not a valid option name${suggest(name, this.scope.names())}`,
      );
    const bar = name.indexOf("|");
    const variable = name.slice(4, bar < 0 ? undefined : bar);
    const fallback = bar < 0 ? undefined : name.slice(bar + 1);
    const value = this.scope.environment(variable, fallback) ?? fallback;
    if (value === undefined)
      this.fail(
        "ini-interpolation-missing",
        raw,
        offset,
        `needs the environment variable ${quote(variable)}, which is not set; a default is written %(env:${shown(variable)}|default)s`,
      );
    this.take(value, true);
  }

  private take(text: string, literal: boolean): void {
    this.text += text;
    if (literal && text.includes("%")) this.literal = true;
  }

  private fail(category: Category, raw: Raw, offset: number, what: string): never {
    const { section, file } = this.scope;
    const at = placeOf(raw, offset);
    const where = at === undefined ? `Error in file ${file}: ` : "";
    const text = `${where}option ${quote(this.key)} in section '${shown(section)}' ${what}. Raw value: ${quote(raw.value)}`;
    throw new ConfigError(category, text, { at, section, key: this.key });
  }
}

/** Where a character of a value stands. */
function placeOf({ value: text, lines }: Raw, offset: number): Position | undefined {
  const before = text.slice(0, offset);
  const line = lines?.[before.split("\n").length - 1];
  return line && { ...line, column: line.column + offset - (before.lastIndexOf("\n") + 1) };
}
