import { defineConfig } from "vitest/config";

// The packages of this repository are tested as sources: `@tsgi/source` stands before the conditions of whoever runs.
// The rest is what vite has by default, which a list of ours would replace.
const conditions = ["@tsgi/source", "module", "node", "development|production"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@tsgi/source", "node"] } },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "examples/*/test/**/*.test.ts",
      "runtime-tests/**/*.test.ts",
      "packages-tests/**/*.test.ts",
      "types/*.test.ts",
      "docs-tests/**/*.test.ts",
      "bench/test/*.test.ts",
    ],
    setupFiles: ["./vitest.setup.ts"],
    // real processes on a small machine: patient, and never for ever
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
