import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { BUILTINS } from "../../src/builtin/index.ts";

// a compiled app imports a built-in by name: what the package does not export would be found missing by its bundler
it("every built-in is an export of the package", () => {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { exports } = JSON.parse(manifest) as { exports: Record<string, unknown> };
  const missing = Object.values(BUILTINS)
    .map(({ specifier }) => specifier)
    .filter(
      (specifier) =>
        specifier.startsWith("@tsgi/deploy/") && !(`.${specifier.slice("@tsgi/deploy".length)}` in exports),
    );
  expect(missing).toEqual([]);
});
