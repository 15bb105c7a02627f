// Settings are text: what each text means, and what is said of one that means nothing. A value that has its type
// already is taken as it is, so that the same functions serve code and INI files.

const TRUE = ["true", "yes", "on", "y", "t", "1"];
const FALSE = ["false", "no", "off", "n", "f", "0"];

/**
 * `true yes on y t 1` and `false no off n f 0`, in any case.
 * Source of the rule: paste.deploy.converters.asbool.
 *
 * @throws RangeError `String is not true/false: 'x'`
 */
export function asBool(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  const text = textOf(value).toLowerCase();
  if (TRUE.includes(text)) return true;
  if (FALSE.includes(text)) return false;
  throw new RangeError(`String is not true/false: ${shown(value)}`);
}

/**
 * A whole number, with a sign if need be.
 * Source of the rule: paste.deploy.converters.asint.
 *
 * @param range the smallest and the largest number that is allowed
 * @throws RangeError `Bad integer value: 'x'`, or naming the range
 */
export function asInt(value: unknown, range: { min?: number; max?: number } = {}): number {
  const number = typeof value === "number" ? value : /^[+-]?[0-9]+$/.test(textOf(value)) ? Number(value) : NaN;
  if (!Number.isSafeInteger(number)) throw new RangeError(`Bad integer value: ${shown(value)}`);
  return inRange(number, value, range);
}

/**
 * A number, `0.5` or `1e-3`.
 *
 * @throws RangeError `Bad number: 'x'`, or naming the range
 */
export function asFloat(value: unknown, range: { min?: number; max?: number } = {}): number {
  const plain = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i;
  const number = typeof value === "number" ? value : plain.test(textOf(value)) ? Number(value) : NaN;
  if (!Number.isFinite(number)) throw new RangeError(`Bad number: ${shown(value)}`);
  return inRange(number, value, range);
}

function inRange(number: number, value: unknown, { min, max }: { min?: number; max?: number }): number {
  const low = min ?? -Infinity;
  const high = max ?? Infinity;
  if (number >= low && number <= high) return number;
  const wanted = high === Infinity ? `at least ${low}` : low === -Infinity ? `at most ${high}` : `${low} to ${high}`;
  throw new RangeError(`${shown(value)} is out of range; ${wanted} is wanted`);
}

/**
 * The words of a text; with a separator the parts between, each stripped unless `strip` is false.
 * Source of the rule: paste.deploy.converters.aslist.
 *
 * @example asList("a b\n c") // ["a", "b", "c"]
 * asList("a, b", ",") // ["a", "b"]
 */
export function asList(value: unknown, separator?: string, strip = true): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.map(String);
  const text = typeof value === "string" ? value : String(value);
  const parts = separator === undefined ? text.split(/\s+/).filter((part) => part !== "") : text.split(separator);
  return strip ? parts.map((part) => part.trim()) : parts;
}

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Whole milliseconds of `250ms`, `30s`, `5m`, `1h30m`, `2d`. A number alone is refused, since nobody sees its unit; 0 is 0.
 *
 * @param bare the unit of a number alone, where another program's setting has one
 * @throws RangeError `Bad duration: 'x'`
 */
export function asDuration(value: unknown, bare?: "ms" | "s"): number {
  if (typeof value === "number" && value >= 0) return value;
  const text = textOf(value).toLowerCase();
  if (/^[0-9]+(?:\.[0-9]+)?$/.test(text)) {
    if (bare !== undefined) return Math.round(Number(text) * MILLISECONDS[bare]);
    if (Number(text) === 0) return 0;
    throw new RangeError(`Bad duration: ${shown(value)} has no unit; write ${text}s or ${text}ms`);
  }
  if (!/^(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhd]) *)+$/.test(text))
    throw new RangeError(`Bad duration: ${shown(value)}; such as 250ms, 30s, 5m or 1h30m is wanted`);
  let total = 0;
  for (const [, number, unit] of text.matchAll(/([0-9.]+)(ms|[smhd])/g)) total += Number(number) * MILLISECONDS[unit];
  return Math.round(total);
}

// K, M and G alone are what nginx and the JVM mean by them
const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  k: 1024,
  m: 1_048_576,
  g: 1_073_741_824,
  t: 1_099_511_627_776,
  kib: 1024,
  mib: 1_048_576,
  gib: 1_073_741_824,
  tib: 1_099_511_627_776,
};

/**
 * Bytes of `4096`, `20MB` (20,000,000), `64KiB` (65,536), `1.5GiB`; `unlimited` is Infinity.
 *
 * @throws RangeError `Bad size: 'x'`
 */
export function asSize(value: unknown): number {
  if (typeof value === "number" && value >= 0) return value;
  const text = textOf(value).toLowerCase();
  if (text === "unlimited") return Infinity;
  const match = /^([0-9]+(?:\.[0-9]+)?) *([kmgt]?i?b?)$/.exec(text);
  const unit = match === null ? undefined : BYTES[match[2]];
  if (match === null || unit === undefined)
    throw new RangeError(`Bad size: ${shown(value)}; such as 4096, 20MB, 64KiB or unlimited is wanted`);
  return Math.round(Number(match[1]) * unit);
}

/**
 * One of the given words.
 *
 * @throws RangeError naming them
 */
export function asEnum<Word extends string>(value: unknown, words: readonly Word[]): Word {
  const text = textOf(value);
  const found = words.find((word) => word === text) ?? words.find((word) => word === text.toLowerCase());
  if (found !== undefined) return found;
  throw new RangeError(`${shown(value)} is none of ${words.join(", ")}`);
}

/**
 * Text that is not empty.
 *
 * @throws RangeError for an empty text, and what is no text
 */
export function asText(value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  throw new RangeError(`${shown(value)} is no text; a value is wanted`);
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

/** A value as Python shows it, escaped and cut: what a message of Paste has after its colon. */
export function shown(value: unknown): string {
  if (typeof value !== "string") return value === null ? "null" : typeof value === "object" ? "object" : String(value);
  const text = value.length > 80 ? `${value.slice(0, 77)}...` : value;
  const escaped = JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'");
  return `'${escaped.replace(/[\x7f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)}'`;
}
