import type { App, ErrorLog, Limits, Middleware } from "@tsgi/core";
import { canonical } from "./canonical.ts";
import { equal, ok } from "./check.ts";
import { Run } from "./client.ts";
import { options as kitOptions, default as kitApp } from "../app.ts";
import { rows as table } from "./rows/index.ts";
import { wireRows } from "./wire.ts";
import { filterRows, type FilterSetup } from "./filter.ts";
import type { Row } from "./row.ts";

/** What a server is started with: the kit's app, and for a server in a process of its own the module that exports it. */
export interface StartContext {
  /** URL of an ES module: its default export is the app, its `options` are the ones below. */
  readonly module: string;
  /** The limits that the rows count on, and where `tsgi.errors` has to go. */
  readonly options: { readonly limits: Partial<Limits>; readonly errorLog: ErrorLog };
}

/** A server that a kit's user started; `stop` or `close` ends it. */
export interface TestedServer {
  readonly url: string;
  stop?(): unknown;
  close?(): unknown;
  /** What its process has printed, where it has one of its own: the last row wants nothing. */
  output?(): string;
}

export interface ConformanceRow {
  /** Topic and rule: `"framing: …"`. */
  readonly name: string;
  readonly topic: string;
  /** Where the rule comes from. */
  readonly rule: string;
  /**
   * Runs the row against the server, which is started by the first row that runs.
   *
   * @returns the answers in canonical form, to be compared between runtimes
   * @throws (rejects) Error that says what came and what is wanted
   */
  run(): Promise<string[]>;
}

export type ConformanceRows = readonly ConformanceRow[] & {
  /** Ends the server. */
  stop(): Promise<void>;
};

/**
 * The conformance kit: every rule of the contract that the wire can show, as rows that any test framework can run.
 *
 * @param setup `start(app, { module, options })` serves the app and resolves to its `url` and `stop` (or `close`); every
 *   option has to reach the server
 * @example const rows = conformance({ start: (app, { options }) => serve(app, { port: 0, ...options }) });
 * for (const row of rows) test(row.name, row.run);
 * afterAll(rows.stop);
 */
export const conformance: Conformance = Object.assign(serverRows, { filter: filterRows });

/** The kit's two halves: `conformance({ start })` for servers, `conformance.filter(middleware)` for filters. */
export interface Conformance {
  (setup: ServerSetup): ConformanceRows;
  filter(filter: Middleware, setup?: FilterSetup): ConformanceRow[];
}

/** How a server is tested. */
export interface ServerSetup {
  start(app: App, context: StartContext): TestedServer | Promise<TestedServer>;
}

function serverRows(setup: ServerSetup): ConformanceRows {
  let server: Promise<TestedServer> | undefined;
  const context: StartContext = { module: MODULE, options: kitOptions };
  const begin = (): Promise<TestedServer> => (server ??= Promise.resolve(setup.start(kitApp, context)));
  const stop = async (): Promise<void> => {
    const running = await server;
    server = undefined;
    await (running?.stop ?? running?.close)?.call(running);
  };
  const made = [...table, ...wireRows()].map((row): ConformanceRow => {
    const [name, , , rule = "SPEC"] = row;
    return { name, topic: name.slice(0, name.indexOf(":")), rule, run: async () => runRow(row, (await begin()).url) };
  });
  const last: ConformanceRow = {
    name: "process: after all rows it still serves and has printed nothing",
    topic: "process",
    rule: "SPEC",
    run: async () => {
      const running = await begin();
      equal((await new Run(running.url, "").ask({ target: "/alive" })).status, 200, "status");
      equal(running.output?.() ?? "", "", "printed");
      return [];
    },
  };
  return Object.assign([...made, last], { stop });
}

const MODULE = new URL(import.meta.url.endsWith(".ts") ? "../../dist/app.js" : "./app.js", import.meta.url).href;

async function runRow([name, , client]: Row, url: string): Promise<string[]> {
  const run = new Run(url, name.startsWith("wire: ") ? "" : name);
  try {
    await client(run);
    const said = /.*ValidationError.*/.exec(await run.errors())?.[0];
    ok(said === undefined, `the validator says: ${said}`);
    const own = [
      [`"${run.port}"`, '"{port}"'],
      [run.host, "{host}"],
      [run.path, "{path}"],
      [`"${run.id}"`, '"{run}"'],
    ] as const;
    return run.seen.map((seen) => canonical(seen, own));
  } finally {
    run.end();
  }
}
