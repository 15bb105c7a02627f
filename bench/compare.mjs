// Which ratios are worse than in an earlier run, by more than both runs' noise.
import { keyOf } from "./results.mjs";

/** A difference below this is not told apart, however calm the machine seemed. */
const FLOOR = 0.01;

/**
 * Compares two results, contender by contender, where both measured it.
 *
 * @returns `[{ runtime, workload, server, option, before, after, allowed, verdict }]`; verdict is `worse`, `better`,
 *   `same`, or `failed` with the error when there is no result any more
 */
export function compare(baseline, current) {
  const earlier = new Map(baseline.cells.map((cell) => [keyOf(cell), cell]));
  const changes = [];
  for (const cell of current.cells) {
    const before = earlier.get(keyOf(cell));
    if (before === undefined) continue;
    for (const contender of cell.contenders) {
      const { server, option } = contender;
      const was = before.contenders.find((other) => other.server === server && other.option === option);
      if (server === "bare" || was?.ratio === undefined) continue;
      const { runtime, workload } = cell;
      const change = { runtime, workload, server, option, before: was.ratio, after: contender.ratio };
      changes.push({ ...change, ...judge({ cell: before, contender: was }, { cell, contender }) });
    }
  }
  return changes;
}

const timesOf = ({ cells }) => new Set(cells.map(({ seconds, warmup }) => `${warmup} ${seconds}`));

/** Whether both were measured and warmed up as long: a short run's code is less compiled. */
export function measuredAlike(baseline, current) {
  const [before, now] = [timesOf(baseline), timesOf(current)];
  return [...now].every((time) => before.has(time)) && before.size <= 1;
}

function judge(before, after) {
  if (after.contender.ratio === undefined) return { verdict: "failed", error: after.contender.error };
  const allowed = Math.max(FLOOR, Math.hypot(doubt(before), doubt(after)));
  const difference = after.contender.ratio - before.contender.ratio;
  const verdict = difference < -allowed ? "worse" : difference > allowed ? "better" : "same";
  return { allowed, verdict };
}

/** How far a ratio may be off: its own spread, or what two equal servers seemed apart. */
function doubt({ cell, contender }) {
  return Math.max(contender.uncertainty ?? 0, cell.noise ?? 0);
}

/** The comparison as lines: what changed first, then how many did not. */
export function comparison(changes) {
  if (changes.length === 0) return "nothing was measured in both runs";
  const lines = changes
    .filter(({ verdict }) => verdict !== "same")
    .map(({ verdict, runtime, workload, server, option, before, after, allowed, error }) => {
      const name = [workload, option, "of", server, "on", runtime].filter(Boolean).join(" ");
      if (verdict === "failed") return `failed: ${name}: ${error}`;
      return `${verdict}: ${name} was ${before.toFixed(3)}, is ${after.toFixed(3)}; noise ${allowed.toFixed(3)}`;
    });
  const same = changes.filter(({ verdict }) => verdict === "same").length;
  return [...lines, `${same} of ${changes.length} ratios are the same within the noise`].join("\n");
}
