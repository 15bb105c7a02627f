import { fileURLToPath } from "node:url";
import { configUri } from "./uri.ts";

// Node's hooks. Those of module.register run in a thread of their own, with nothing of the program: this module imports
// next to nothing.

const LOADER = new URL("./index.js", import.meta.url).href;

/** The module that an INI file is: it loads the app while the program starts, so that what is wrong is said then. */
export function sourceOf(file: string): string {
  return (
    `import { loadApp } from ${JSON.stringify(LOADER)};\n` +
    `export default await loadApp(${JSON.stringify(configUri(file))});\n`
  );
}

type Next<Result> = (url: string, context: object) => Result;

/** The `load` hook. */
export function load<Result>(
  url: string,
  context: object,
  next: Next<Result>,
): Result | { format: "module"; source: string; shortCircuit: true } {
  if (!/^file:[^?#]*\.ini$/.test(url)) return next(url, context);
  return { format: "module", source: sourceOf(fileURLToPath(url)), shortCircuit: true };
}
