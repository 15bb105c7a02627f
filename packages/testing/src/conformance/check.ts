// A row's client half fails by throwing, so that the kit runs under every test framework.

export class ConformanceError extends Error {
  override readonly name = "ConformanceError";
}

/** @throws ConformanceError saying `message` unless the condition holds */
export function ok(condition: unknown, message: string): asserts condition {
  if (!condition) throw new ConformanceError(message);
}

/** @throws ConformanceError with both values when they are not the same data */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const seen = show(actual);
  const wanted = show(expected);
  if (seen !== wanted) throw new ConformanceError(`${what}: ${cut(seen)} came, ${cut(wanted)} is wanted`);
}

/** @throws ConformanceError unless the text holds the part */
export function includes(text: string, part: string, what: string): void {
  if (!text.includes(part)) throw new ConformanceError(`${what}: ${cut(show(text))} came without ${show(part)}`);
}

/** @throws ConformanceError when the text holds the part */
export function excludes(text: string, part: string, what: string): void {
  if (text.includes(part)) throw new ConformanceError(`${what}: ${cut(show(text))} came with ${show(part)}`);
}

/** How often each note is in a log, pulls left out, in the order of their names. */
export function counts(log: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const one of log) if (one !== "pull") found[one] = (found[one] ?? 0) + 1;
  return sorted(found);
}

/** The same numbers in the order of their names. */
export function sorted(numbers: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function show(value: unknown): string {
  return value === undefined ? "undefined" : JSON.stringify(value);
}

function cut(text: string): string {
  return text.length > 600 ? `${text.slice(0, 600)}… (${text.length} characters)` : text;
}
