import { conformance, type RuntimeLauncher, type Started } from "@tsgi/testing";

/** What came of one row on one runtime: its answers in canonical form, or why it failed. */
export type Result = { readonly answers: readonly string[] } | { readonly error: string };

/** The names of all rows, in their order; no server is started. */
export const rowNames: readonly string[] = conformance({
  start: () => {
    throw new Error("nothing is run here");
  },
}).map(({ name }) => name);

/** A variable of the server's process that no page and no log may show. */
export const SECRET = "planted-secret-8f2c6b";

/** Runs all rows on one runtime, one after another, in one process. */
export async function runKit(runtime: RuntimeLauncher): Promise<Map<string, Result>> {
  let server: Started | undefined;
  const rows = conformance({
    start: async (_app, { module }) => (server = await runtime.start(module, { env: { TSGI_SECRET: SECRET } })),
  });
  const results = new Map<string, Result>();
  try {
    for (const row of rows) {
      let result: Result;
      try {
        result = { answers: await row.run() };
      } catch (error) {
        result = { error: error instanceof Error ? error.message : String(error) };
      }
      if (server?.alive() === false) {
        results.set(row.name, { error: `the process died: ${server.output()}` });
        return results;
      }
      results.set(row.name, result);
    }
  } finally {
    await rows.stop();
  }
  return results;
}
