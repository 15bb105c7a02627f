import { validator, type App, type Middleware } from "@tsgi/core";
import { open, request, type RequestOptions } from "../memory/request.ts";
import { ConformanceError } from "./check.ts";
import type { ConformanceRow } from "./conformance.ts";
import { rows, type Bench } from "./filter-rows.ts";

// In memory, through the gateway's own `handle`, with the validator on both sides of the filter.

/** What a filter under test does on purpose. */
export interface FilterSetup {
  /** What it makes of a body's text. Default: nothing. */
  body?(text: string): string;
  /** What the requests have: a method, headers or environ keys without which the filter would not act. */
  request?: RequestOptions;
}

/** Milliseconds for a row: a filter that waits for what never comes fails, and does not hang. */
const LIMIT = 2000;

async function within(ms: number, row: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ConformanceError(`the row did not come to its end within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([row, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The rows that a filter has to pass, whatever it does itself: it keeps error, write, close, the held head,
 * back-pressure, HEAD and the disconnect.
 *
 * @param filter the filter under test
 * @param setup what it does to a body's text, and what a request needs for it to act
 * @example for (const row of conformance.filter(gzip(), { request: { headers: { "accept-encoding": "identity" } } }))
 *   test(row.name, row.run);
 */
export function filterRows(filter: Middleware, setup: FilterSetup = {}): ConformanceRow[] {
  const wrap = (app: App): App => validator(filter(validator(app)));
  const options = (given: RequestOptions | undefined): RequestOptions => ({
    ...setup.request,
    ...given,
    validate: false,
  });
  const bench: Bench = {
    wrap: filter,
    ask: (app, given) => request(wrap(app), options(given)),
    open: (app, given) => open(wrap(app), options(given)),
    text: (given) => setup.body?.(given) ?? given,
  };
  return rows.map(([name, run, rule = "SPEC, filters"]) => ({
    name: `filter: ${name}`,
    topic: "filter",
    rule,
    run: async () => {
      await within(LIMIT, run(bench));
      return [];
    },
  }));
}
