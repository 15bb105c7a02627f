import type { Options } from "tsup";

/** What every package of this repository is built with: ES modules with types, and nothing of a dependency bundled in. */
export const library = (entry: Record<string, string>): Options => ({
  entry,
  format: ["esm"],
  target: "es2022",
  platform: "neutral",
  clean: true,
  splitting: true,
  sourcemap: true,
  // a package that imports itself by name means its other entry: one file of it, loaded once
  external: [/^node:/, /^bun/, /^cloudflare:/, /^@tsgi\//],
  removeNodeProtocol: false,
  dts: {
    // TypeScript 6 calls the baseUrl that tsup injects deprecated (TS5101)
    compilerOptions: { ignoreDeprecations: "6.0" },
    // Symbol.asyncDispose, for programs whose lib does not have it; in the npm .d.ts only: JSR refuses such a reference
    banner: '/// <reference lib="esnext.disposable" />',
  },
});
