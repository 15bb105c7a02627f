import { suggest } from "@tsgi/core/settings";
import { ConfigError, type Category, type Position } from "./error.ts";
import { quote, shown } from "./quote.ts";

// `%(name)s`, `%%`, `%(env:NAME)s` and `%(env:NAME|default)s`: Python's BasicInterpolation, and variables of the
// environment, which it does not have. A default is a value as any other: `%(env:DATA|%(here)s/data)s`.

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

/** What counts where a variable is not set. */
type Default = Cooked | { readonly text: undefined; readonly error: unknown };

class Run {
  text = "";
  literal = false;
  /** Whether what failed is a variable that is not set. */
  private isUnset = false;
  private left = MAX_SUBSTITUTIONS;
  private readonly key: string;
  private readonly scope: Scope;

  constructor(key: string, scope: Scope) {
    this.key = key;
    this.scope = scope;
  }

  /** @param from, to the part of the value that is meant */
  expand(raw: Raw, depth: number, from = 0, to = raw.value.length): void {
    const text = raw.value;
    if (depth > MAX_DEPTH)
      this.fail(
        "ini-interpolation-depth",
        raw,
        from,
        `contains an interpolation key which cannot be substituted in ${MAX_DEPTH} steps (a circle?)`,
      );
    for (let start = from; start < to;) {
      const percent = text.indexOf("%", start);
      if (percent < 0 || percent >= to) {
        this.text += text.slice(start, to);
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
      const isVariable = text.startsWith("env:", percent + 2);
      const close = isVariable ? endOf(text, percent) : text.indexOf(")", percent);
      if (close < percent + 3 || text[close + 1] !== "s")
        this.fail(
          "ini-interpolation-syntax",
          raw,
          percent,
          `has a bad interpolation variable reference ${quote(text.slice(percent, percent + 40))}; it is written '%(name)s', and a percent sign '%%'${isVariable && close > 0 ? "; the default of a variable ends at the first ')'" : ""}`,
        );
      if (--this.left < 0)
        this.fail("ini-interpolation-depth", raw, percent, `takes more than ${MAX_SUBSTITUTIONS} substitutions`);
      this.reference(raw, percent, close, depth);
      start = close + 2;
    }
  }

  /** @param close where its `)s` stands */
  private reference(raw: Raw, offset: number, close: number, depth: number): void {
    const name = raw.value.slice(offset + 2, close);
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
    const otherwise = bar < 0 ? undefined : this.defaultOf(raw, offset + 2 + bar + 1, close, depth);
    const value = this.scope.environment(variable, otherwise?.text);
    if (value !== undefined) return this.take(value, true);
    if (otherwise?.text !== undefined) return this.take(otherwise.text, otherwise.literal);
    this.isUnset = true;
    if (otherwise !== undefined) throw otherwise.error;
    this.fail(
      "ini-interpolation-missing",
      raw,
      offset,
      `needs the environment variable ${quote(variable)}, which is not set; a default is written %(env:${shown(variable)}|default)s`,
    );
  }

  /** A default is a value as any other; that a variable in it is not set matters only where the default counts. */
  private defaultOf(raw: Raw, from: number, to: number, depth: number): Default {
    const { text, literal } = this;
    this.text = "";
    this.literal = false;
    try {
      this.expand(raw, depth + 1, from, to);
      return { text: this.text, literal: this.literal };
    } catch (error) {
      if (!this.isUnset) throw error;
      this.isUnset = false;
      return { text: undefined, error };
    } finally {
      this.text = text;
      this.literal = literal;
    }
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

/** Where the reference that begins at a `%` ends: the default of a variable may hold references itself. */
function endOf(text: string, percent: number): number {
  const tokens = /%%|%\(|\)/g;
  tokens.lastIndex = percent;
  let open = 0;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === "%(") open++;
    else if (token[0] === ")" && --open === 0) return token.index;
  }
  return -1;
}

/** Where a character of a value stands. */
function placeOf({ value: text, lines }: Raw, offset: number): Position | undefined {
  const before = text.slice(0, offset);
  const line = lines?.[before.split("\n").length - 1];
  return line && { ...line, column: line.column + offset - (before.lastIndexOf("\n") + 1) };
}
