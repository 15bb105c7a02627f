import { afterAll } from "vitest";

// A stray warning of the process (a leaked listener, something deprecated) fails the file it came up in; unhandled
// rejections fail a run by themselves.
const warnings: string[] = [];

process.on("warning", (warning) => {
  warnings.push(`${warning.name}: ${warning.message}`);
});

afterAll(async () => {
  // warnings are emitted on the next tick
  await new Promise((resolve) => setTimeout(resolve, 0));
  const seen = warnings.splice(0);
  if (seen.length > 0) throw new Error(`warnings of the process: ${seen.join("; ")}`);
});
