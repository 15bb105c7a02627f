import { readFileSync } from "node:fs";
import type { Options } from "tsup";

// a package that imports itself by its name means its other entry, which is loaded once and stands in no chunk
const { name } = JSON.parse(readFileSync("package.json", "utf8")) as { name: string };

/** What every package of this repository is built with: ES modules with types, and nothing of a dependency bundled in. */
export const library = (entry: Record<string, string>): Options => ({
  entry,
  format: ["esm"],
  target: "es2022",
  platform: "neutral",
  clean: true,
  splitting: true,
  sourcemap: true,
  external: [/^node:/, /^bun/, /^cloudflare:/, name],
  removeNodeProtocol: false,
  dts: {
    // TypeScript 6 calls the baseUrl that tsup injects deprecated (TS5101)
    compilerOptions: { ignoreDeprecations: "6.0" },
    // Symbol.asyncDispose, for programs whose lib does not have it; in the npm .d.ts only: JSR refuses such a reference
    banner: '/// <reference lib="esnext.disposable" />',
  },
});
