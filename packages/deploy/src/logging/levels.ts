/** Python's levels. */
export const LEVELS: Readonly<Record<string, number>> = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  WARNING: 30,
  ERROR: 40,
  FATAL: 50,
  CRITICAL: 50,
};

const NAMES = new Map([
  [0, "NOTSET"],
  [10, "DEBUG"],
  [20, "INFO"],
  [30, "WARNING"],
  [40, "ERROR"],
  [50, "CRITICAL"],
]);

export function levelName(level: number): string {
  return NAMES.get(level) ?? `Level ${level}`;
}
