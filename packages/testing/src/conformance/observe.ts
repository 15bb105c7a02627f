import type { App, Environ, ErrorLog } from "@tsgi/core";

// What a row's app tells its client besides the answer: notes of this process, told apart by the run that the client
// names in a header, and what went to tsgi.errors. The client fetches both over HTTP.

const notes = new Map<string, string[]>();
const errors: string[] = [];

/** Notes something for the client of this run to look at. */
export function note(environ: Environ, what: string): void {
  const run = String(environ.HTTP_X_CONFORMANCE_RUN);
  const list = notes.get(run);
  if (list === undefined) notes.set(run, [what]);
  else list.push(what);
}

/** Where the server is to write `tsgi.errors`: kept in memory. */
export const errorLog: ErrorLog = {
  write(text) {
    errors.push(text);
    if (errors.length > 2000) errors.splice(0, 1000);
  },
  flush() {},
};

/** Answers with the notes of a run: `X-Conformance-Row: log`. */
export const logApp: App = (environ, start) => {
  start("200 OK", [["Content-Type", "application/json"]]);
  return [JSON.stringify(notes.get(String(environ.HTTP_X_CONFORMANCE_RUN)) ?? [])];
};

/** Answers with what went to `tsgi.errors` about the path in the query: `X-Conformance-Row: errors`. */
export const errorsApp: App = (environ, start) => {
  const path = environ.QUERY_STRING;
  start("200 OK", [["Content-Type", "application/json"]]);
  return [JSON.stringify(errors.filter((entry) => mentions(entry, path)))];
};

/** Whether an entry names the path, and not one that begins like it. */
function mentions(entry: string, path: string): boolean {
  const at = entry.indexOf(path);
  return at >= 0 && !/[0-9]/.test(entry[at + path.length] ?? "");
}

const faults = new WeakSet<App>();

/** Marks an app that breaks the contract on purpose: it is served without the validator, which would say so first. */
export function faulty(app: App): App {
  faults.add(app);
  return app;
}

export function isFaulty(app: App): boolean {
  return faults.has(app);
}
