import { setupTestingDefaults, validator, type App, type Body, type Environ, type StartResponse } from "@tsgi/core";

// A server and an environ without a fault, for the tests that put one in.

export const TEXT: [string, string][] = [["Content-Type", "text/plain"]];

/** An app without a fault. */
export const good: App = (_environ, start) => {
  start("200 OK", TEXT);
  return ["hello"];
};

export interface Bench {
  environ: Environ;
  /** What went to tsgi.errors. */
  written: string[];
  /** The startResponse of a server that takes everything. */
  start: StartResponse;
}

export function bench(changes: Record<string, unknown> = {}): Bench {
  const written: string[] = [];
  const environ = setupTestingDefaults({});
  environ["tsgi.errors"] = { write: (text) => void written.push(text), flush: () => {} };
  for (const [key, value] of Object.entries(changes)) {
    if (value === ABSENT) delete environ[key];
    else environ[key] = value;
  }
  return { environ, written, start: () => () => {} };
}

/** As a change of the environ: the key is not there. */
export const ABSENT = Symbol("no such key");

/** A body without its types, as a careless server sees it. */
export type AnyBody = Body & {
  [Symbol.iterator]?(): Iterator<unknown>;
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>;
  close(): unknown;
};

/** Calls the watched app; the server reads nothing yet. */
export async function open(app: App, at: Bench = bench()): Promise<AnyBody> {
  return (await validator(app)(at.environ, at.start)) as AnyBody;
}

/** Serves a request as a server should: reads everything, closes once. Gives the chunks. */
export async function serve(app: App, at: Bench = bench()): Promise<unknown[]> {
  const body = await open(app, at);
  const chunks: unknown[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } finally {
    await body.close();
  }
  return chunks;
}
