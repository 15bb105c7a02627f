// Runs the case files of a directory against a built core, and says which pass, which by a stated difference, which fail.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expectedOf, runHandler, sameAnswer } from "./handler.mjs";
import { handlerDifferences } from "./handler-differences.mjs";
import { difference, openCases } from "./ini.mjs";
import { iniDifferences } from "./ini-differences.mjs";
import { runUtil, sameResult } from "./util.mjs";
import { utilDifferences } from "./util-differences.mjs";
import { runValidate } from "./validate.mjs";
import { validateDifferences } from "./validate-differences.mjs";

/** The kinds of cases: the file they lie in, how one is judged (`{ ok, differences, detail }`), what may differ. */
const KINDS = {
  validate: { file: "validate_cases.json", judge: judgeValidate, stated: validateDifferences },
  handler: { file: "handler_cases.json", judge: judgeHandler, stated: handlerDifferences },
  util: { file: "util_cases.json", judge: judgeUtil, stated: utilDifferences },
  // the configuration cases, which need the loader: a case is as many results as it has operations
  ini: { file: "cases.json", judge: undefined, stated: iniDifferences },
};

/** Every stated difference: `{ kind, id, reason }`. */
export function statedDifferences() {
  return Object.entries(KINDS).flatMap(([kind, { stated }]) =>
    [...new Set(stated.map(({ id }) => id))].map((id) => ({ kind, id, reason: reasonOf(stated, id) })),
  );
}

function reasonOf(stated, id) {
  return stated.find((difference) => difference.id === id && difference.reason !== undefined)?.reason;
}

/**
 * Runs every case of a directory.
 *
 * @param core the module `@tsgi/core`, built or as source
 * @param directory where the case files lie; a kind without a file is left out
 * @param deploy the module `@tsgi/deploy`; without it the configuration cases are left out
 * @returns one result a case: `{ kind, id, ok, differences, detail }`
 * @throws when the directory has no case file at all
 */
export async function runOracle(core, directory, deploy) {
  const results = [];
  let files = 0;
  for (const [kind, { file }] of Object.entries(KINDS)) {
    let text;
    try {
      text = await readFile(join(directory, file), "utf8");
    } catch (error) {
      if (error.code === "ENOENT") continue;
      throw error;
    }
    files++;
    if (kind !== "ini") results.push(...(await runCases(core, kind, JSON.parse(text))));
    else if (deploy !== undefined) results.push(...(await runIniCases(core, deploy, directory, JSON.parse(text))));
  }
  if (files > 0) return results;
  const names = Object.values(KINDS).map(({ file }) => file);
  throw new Error(`${directory} has none of ${names.join(", ")}`);
}

/** Runs cases of one kind; a case that the runner cannot make out fails. */
export async function runCases(core, kind, tests) {
  const results = [];
  for (const test of tests) {
    let result;
    try {
      result = await KINDS[kind].judge(core, test);
    } catch (error) {
      result = { ok: false, differences: [], detail: `${error.name}: ${error.message}` };
    }
    results.push({ kind, id: test.id, ...result });
  }
  return results;
}

/** Runs configuration cases; each operation is a result of its own, `load_names 3`. */
export async function runIniCases(core, deploy, directory, tests) {
  const cases = await openCases(core, deploy, directory);
  const results = [];
  try {
    for (const test of tests) {
      const got = await cases.run(test);
      for (const [i, op] of test.ops.entries()) {
        const want = cases.expected[test.id][i];
        const detail = difference(op, want, got[i]);
        // where the original is free, or fails by accident, the choice is ours; but it is written down
        const stated =
          detail === ""
            ? undefined
            : iniDifferences.find(({ strict, applies }) => (strict || op.loose !== undefined) && applies(want, got[i]));
        results.push({
          kind: "ini",
          id: `${test.id} ${i + 1}`,
          ok: detail === "" || stated !== undefined,
          differences: stated === undefined ? [] : [stated.id],
          detail,
        });
      }
    }
  } finally {
    await cases.close();
  }
  return results;
}

async function judgeValidate(core, test) {
  const got = await runValidate(core, test);
  const detail = `${got.verdict}${got.detail === "" ? "" : ` (${got.detail})`}; wanted: ${test.verdict}`;
  if (got.verdict === test.verdict) return { ok: true, differences: [], detail };
  const stated = validateDifferences.find((difference) => difference.verdict === got.verdict && difference.applies(test));
  return { ok: stated !== undefined, differences: stated === undefined ? [] : [stated.id], detail };
}

async function judgeHandler(core, test) {
  const got = await runHandler(core, test);
  return adjusted(test, expectedOf(test), handlerDifferences, (want) => sameAnswer(want, got).join("; "));
}

async function judgeUtil(core, test) {
  const got = await runUtil(core, test);
  return adjusted(test, test.expect, utilDifferences, (want) =>
    sameResult(test, want, got) ? "" : `${JSON.stringify(got)}; wanted: ${JSON.stringify(want)}`,
  );
}

/** As the case says, or else as the stated differences change it. */
function adjusted(test, expected, differences, compare) {
  if (compare(expected) === "") return { ok: true, differences: [], detail: "" };
  let want = expected;
  const used = [];
  for (const { id, adjust } of differences) {
    const ours = adjust(want, test);
    if (ours === undefined || JSON.stringify(ours) === JSON.stringify(want)) continue;
    want = ours;
    used.push(id);
  }
  const detail = compare(want);
  return { ok: detail === "", differences: used, detail };
}

/** The report: what failed, the table of differences with their cases, the count. */
export function reportOf(results) {
  const lines = [];
  const failed = results.filter(({ ok }) => !ok);
  for (const { kind, id, detail } of failed) lines.push(`FAILED ${kind} ${id}: ${detail}`);
  for (const [kind, { stated }] of Object.entries(KINDS)) {
    const all = results.filter((result) => result.kind === kind);
    if (all.length === 0) continue;
    const differing = all.filter(({ ok, differences }) => ok && differences.length > 0);
    lines.push("", `${kind} cases: ${all.length}, of them ${differing.length} by a stated difference`);
    for (const id of new Set(stated.map((difference) => difference.id))) {
      const cases = differing.filter(({ differences }) => differences.includes(id)).map((result) => result.id);
      if (cases.length === 0) continue;
      lines.push(`  ${id} (${cases.length}): ${cases.join(", ")}`);
      lines.push(`    ${reasonOf(stated, id)}`);
    }
  }
  const byDifference = results.filter(({ ok, differences }) => ok && differences.length > 0).length;
  lines.push("", `${byDifference} of the cases that pass do so by a stated difference`);
  lines.push(`${results.length - failed.length} passed, ${failed.length} failed`);
  return lines.join("\n");
}
