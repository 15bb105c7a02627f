// The figures: medians of what several rounds gave, and how far they can be trusted.

/** The middle of a list; of an even count the mean of the two in the middle. */
export function median(values) {
  return quantile(values, 0.5);
}

/** The value below which a part of the list lies, linear between neighbours. */
export function quantile(values, part) {
  if (values.length === 0) throw new RangeError("no values to take a quantile of");
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const low = Math.floor(at);
  const next = sorted[low + 1] ?? sorted[low];
  return sorted[low] + (next - sorted[low]) * (at - low);
}

/** The per-round ratios of one server to another: its part of the other's speed, so 1 is as fast. */
export function ratios(costs, baseCosts) {
  const count = Math.min(costs.length, baseCosts.length);
  return Array.from({ length: count }, (_, round) => baseCosts[round] / costs[round]);
}

/**
 * How far a median of rounds may be off: the notch of a box plot, 1.57 × the interquartile range / √n, about a 95 %
 * interval (McGill, Tukey and Larsen 1978). Of fewer than four rounds it says too little, so half their range is taken.
 */
export function uncertainty(values) {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  if (values.length < 4) return (Math.max(...values) - Math.min(...values)) / 2;
  return (1.57 * (quantile(values, 0.75) - quantile(values, 0.25))) / Math.sqrt(values.length);
}

/**
 * What a cell's rounds come to: for each contender the medians, the ratio to bare and its uncertainty.
 *
 * @param contenders `[{ server, option, rounds: [{ cost, rate, p50, p99, memory }] }]`; the base is the bare server of
 *   the same option, or of the only one that bare has
 * @param control the second bare server's costs, round by round
 * @returns `{ contenders, noise }`; noise is how far two bare servers seem apart: the distance of the median of their
 *   ratios from 1, or its uncertainty when that is more
 */
export function summarise(contenders, control = []) {
  const bare = contenders.filter(({ server, error }) => server === "bare" && error === undefined);
  const noise = control.length > 0 && bare.length > 0 ? noiseOf(ratios(control, costs(bare[0]))) : undefined;
  const summed = contenders.map((contender) => {
    if (contender.error !== undefined || contender.rounds.length === 0) return contender;
    const base = bare.find(({ option }) => option === contender.option) ?? bare[0];
    const all = base === undefined ? [] : ratios(costs(contender), costs(base));
    return {
      ...contender,
      ...mediansOf(contender.rounds),
      ratio: all.length === 0 ? undefined : median(all),
      uncertainty: all.length === 0 ? undefined : finite(uncertainty(all)),
    };
  });
  return { contenders: summed, noise };
}

const costs = ({ rounds }) => rounds.map(({ cost }) => cost);

function noiseOf(values) {
  return Math.max(Math.abs(median(values) - 1), finite(uncertainty(values)) ?? 0);
}

/** JSON has no Infinity. */
const finite = (value) => (Number.isFinite(value) ? value : undefined);

function mediansOf(rounds) {
  const keys = Object.keys(rounds[0]);
  return Object.fromEntries(keys.map((key) => [key, median(rounds.map((round) => round[key]))]));
}
