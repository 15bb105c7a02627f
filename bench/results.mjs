// bench/results/*.json: what was measured, of what, on which machine.
import { execFile, execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, release, totalmem } from "node:os";
import { dirname } from "node:path";
import { ROOT } from "../tools/runtimes.mjs";
import { generator } from "./load.mjs";

const FORMAT = 1;

const git = (...args) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: "pipe" }).trim();

/** What is measured, with what: each cell says so, since a file may have cells of several runs. */
export const described = () => ({ commit: commit(), load: `${generator()}, one thread, 32 connections` });

/** A results file without its cells; one file is one machine's. */
export function emptyResults() {
  const machine = {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory: totalmem(),
    kernel: `Linux ${release()}`,
  };
  return { format: FORMAT, machine, cells: [] };
}

/** The commit that was measured, with a mark when files of the packages are not as committed. */
function commit() {
  try {
    const dirty = git("status", "--porcelain", "--", "packages/*/src") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${dirty ? " and changes" : ""}`;
  } catch {
    return undefined;
  }
}

/**
 * Reads a results file.
 *
 * @throws (rejects) Error when it is none, or one of another format
 */
export async function loadResults(file) {
  const results = JSON.parse(await readFile(file, "utf8"));
  if (results.format !== FORMAT || !Array.isArray(results.cells))
    throw new Error(`${file} is no results file of format ${FORMAT}; measure it anew`);
  return results;
}

/** Writes a results file; cells that it has of other workloads and runtimes stay. */
export async function saveResults(file, results) {
  const before = await loadResults(file).catch((error) => {
    if (error.code === "ENOENT") return { cells: [] };
    throw error;
  });
  const measured = new Set(results.cells.map(keyOf));
  const kept = before.cells.filter((cell) => !measured.has(keyOf(cell)));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ ...results, cells: [...kept, ...results.cells] }, null, 1)}\n`);
}

/** A cell is one workload on one runtime; each major version of Node is a runtime of its own. */
export const keyOf = ({ runtime, workload }) => `${runtime} ${workload}`;

/** What a runtime's binary says of its version: `20.20.2`. */
export function versionSaid(file) {
  return new Promise((resolve) => {
    execFile(file, ["--version"], (error, stdout) => resolve(/\d[\w.-]*/.exec(stdout ?? "")?.[0] ?? "unknown"));
  });
}
