// `npm test`: builds, type-checks, lints, and runs every test on the real runtimes. The last line is the whole result,
// `N passed, N failed`; a step that is no test counts as one failure when it fails.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ROOT, command, environment } from "./runtimes.mjs";

/** No step takes this long: one that does hangs, and is ended. */
const LIMIT = 10 * 60_000;

const node = (script, ...args) => ({ file: process.execPath, args: [join(ROOT, script), ...args], env: environment() });
const turbo = (task) => node("node_modules/turbo/bin/turbo", "run", task, "--output-logs=errors-only", "--continue");

const STEPS = [
  ["build", turbo("build")],
  ["type check", turbo("typecheck")],
  ["type check of the root", node("node_modules/typescript-7/bin/tsc", "-p", "tsconfig.json")],
  ["lint", node("node_modules/oxlint/bin/oxlint", "--deny-warnings")],
  ["format", node("node_modules/prettier/bin/prettier.cjs", "--check", "--log-level=warn", ".")],
];

const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");
// core knows no runtime: its tests run on each that can run vitest, save the files that say they need Node
const NEUTRAL = ["packages/core/test", "--exclude=**/*.node.test.ts"];

const SUITES = [
  ["tests on Node", "node", []],
  ["core's tests on Bun", "bun", NEUTRAL],
  ["core's tests on Deno", "deno", NEUTRAL],
];

/** Files that take longer than this are named at the end. */
const SLOW = 10_000;

const total = { passed: 0, failed: 0, skipped: 0 };
const slow = [];
const lines = [];

for (const [name, step] of STEPS) {
  const { code, output, seconds } = await run(step, "collect");
  if (code !== 0) {
    total.failed++;
    console.log(output.trimEnd());
  }
  report(name, seconds, code === 0 ? "ok" : `failed (exit status ${code})`);
}

const scratch = await mkdtemp(join(tmpdir(), "tsgi-test-"));
try {
  for (const [name, runtime, args] of SUITES) {
    const outputFile = join(scratch, `${runtime}.json`);
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${outputFile}`];
    const { code, seconds } = await run(command(runtime, VITEST, "run", ...args, ...reporters), "show");
    const counts = await count(outputFile, code, name);
    for (const key of Object.keys(total)) total[key] += counts[key];
    report(name, seconds, `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

console.log(`\n${[...slow, ...lines].join("\n")}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

function report(name, seconds, result) {
  const line = `${name.padEnd(24)} ${`${seconds.toFixed(1)} s`.padStart(8)}   ${result}`;
  lines.push(line);
  console.log(line);
}

/** What vitest's JSON says, and what it does not count: a file that could not be read, an error outside any test. */
async function count(file, code, suite) {
  let result;
  try {
    result = JSON.parse(await readFile(file, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const broken = result.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((assertion) => assertion.status === "failed"),
  );
  const failed = result.numFailedTests + broken.length;
  for (const { name, startTime, endTime } of result.testResults)
    if (endTime - startTime > SLOW)
      slow.push(`slow: ${relative(ROOT, name)} ${((endTime - startTime) / 1000).toFixed(1)} s (${suite})`);
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && (code !== 0 || result.numTotalTests === 0) ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

function run({ file, args, env }, mode) {
  return new Promise((resolve) => {
    const began = performance.now();
    const child = spawn(file, args, {
      cwd: ROOT,
      env,
      stdio: mode === "show" ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk) => (output += chunk);
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    const hanging = setTimeout(() => {
      console.log(`ended after ${LIMIT / 60_000} minutes: ${file} ${args.join(" ")}`);
      child.kill("SIGKILL");
    }, LIMIT);
    child.once("error", (error) => finish(1, error.message));
    child.once("close", (code, signal) => finish(code ?? signal));
    function finish(code, message = "") {
      clearTimeout(hanging);
      resolve({ code, output: output + message, seconds: (performance.now() - began) / 1000 });
    }
  });
}
