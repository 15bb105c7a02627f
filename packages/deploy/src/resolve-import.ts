import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Package } from "./packages.ts";

const require = createRequire(import.meta.url);

/** The conditions of a package's exports by which `require` chooses. */
const OF_REQUIRE = ["node", "require", "default"];

/**
 * What an import statement means that names a package, or a module of it.
 *
 * `import` and `require` may mean two different copies of a package, and only jiti resolves as `import` does. It takes 60 ms
 * to start, and where a package tells the two not apart, they mean the same.
 *
 * @param conditions by which the importing runtime chooses among a package's exports: `["node", "import", "default"]`
 * @returns a `file:` URL, or the name of a module that is built in
 * @throws what the resolver says of a module that the package does not have
 */
export function resolveImport(specifier: string, found: Package, conditions: readonly string[]): string {
  const from = pathToFileURL(join(found.from, "_.js")).href;
  const exports = JSON.stringify(found.manifest.exports ?? "");
  const named = (condition: string): boolean => exports.includes(`${JSON.stringify(condition)}:`);
  const onlyOne = (condition: string): boolean => conditions.includes(condition) !== OF_REQUIRE.includes(condition);
  if ([...conditions, ...OF_REQUIRE].some((condition) => onlyOne(condition) && named(condition))) {
    const { createJiti } = require("jiti") as typeof import("jiti");
    return createJiti(from).esmResolve(specifier, { parentURL: from, conditions: [...conditions] });
  }
  const path = createRequire(from).resolve(specifier);
  return existsSync(path) ? pathToFileURL(path).href : path;
}
