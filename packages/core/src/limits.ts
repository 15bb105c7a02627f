// Every limit and default of the gateway, with a sentence each. `serve(app, { limits })` and every `toX(app, { limits })`
// take a part of this table; an adapter says so at start when its runtime cannot honour one.

/** What the gateway allows. `serve(app, { limits })` and every `toX(app, { limits })` take a part of it. */
export interface Limits {
  /** Bytes of a request body: past it `tsgi.input` rejects with 413. A length declared beyond it is refused at the first read. */
  body: number;
  /** Bytes of a request body that nobody read, taken in so that the connection can serve another request; past it the connection closes. */
  drain: number;
  /** Milliseconds that such a drain may take. */
  drainTime: number;
  /** Header fields of a request; one more is answered 431. */
  headers: number;
  /** Bytes of a request's header block; more are answered 431. */
  headerBytes: number;
  /** Bytes that `write` holds for a slow client before it asks to wait, and ten times that before it throws. */
  write: number;
}

/** The limits that hold where none is given: 100 MiB of request body, 500 header fields in 64 KiB, … */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  body: 100 * 1024 * 1024,
  drain: 1024 * 1024,
  drainTime: 2000,
  headers: 500,
  headerBytes: 64 * 1024,
  write: 64 * 1024,
});

/**
 * The table with some of its rows changed.
 *
 * @throws TypeError for an unknown name, or a value that is no whole number of at least 0 (Infinity lifts a limit)
 */
export function limitsOf(changes: Partial<Limits> | undefined): Limits {
  if (changes === undefined) return DEFAULT_LIMITS;
  const limits: Limits = { ...DEFAULT_LIMITS };
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name))
      throw new TypeError(`limits.${name} is unknown; the limits are ${Object.keys(DEFAULT_LIMITS).join(", ")}`);
    if (value === undefined) continue;
    if (typeof value !== "number" || !(value >= 0) || (value !== Infinity && !Number.isInteger(value)))
      throw new TypeError(`limits.${name} is ${String(value)}; a whole number of at least 0 is wanted`);
    limits[name as keyof Limits] = value;
  }
  return limits;
}
