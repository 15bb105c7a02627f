// Results as the benchmark writes them, made up.

export interface Given {
  workload: string;
  runtime: string;
  /** tsgi's; undefined when it has no result. */
  ratio: number | undefined;
  uncertainty?: number;
  noise?: number;
  error?: string;
  date?: string;
  /** Of other servers: their ratios. */
  others?: Record<string, number>;
}

const BARE_COST = 10;

/** A results file with these cells. */
export function resultsOf(given: Given[], more: { date?: string; quick?: boolean } = {}) {
  const { date = "2026-11-01T10:00:00.000Z", quick = false } = more;
  return {
    format: 1,
    machine: { cpu: "A Processor", cores: 2, memory: 8 * 2 ** 30, kernel: "Linux 6.18.0" },
    cells: given.map((cell) => ({ ...cellOf(cell, date), quick })),
  };
}

function cellOf(given: Given, date: string) {
  const { workload, runtime, ratio, error, uncertainty = 0, noise = 0, others = {} } = given;
  const measured = (server: string, part: number) => {
    const round = { cost: BARE_COST / part, rate: 90_000 * part, p50: 300, p99: 1200, memory: 60 * 2 ** 20 };
    const version = server === "bare" ? undefined : "1.2.3";
    return { server, option: "", version, rounds: [round, round], ...round, ratio: part, uncertainty };
  };
  const ours =
    ratio === undefined ? { server: "tsgi", option: "", version: "0.1.0", rounds: [], error } : measured("tsgi", ratio);
  return {
    runtime,
    runtimeVersion: "1.4.5",
    workload,
    date: given.date ?? date,
    commit: "1234567",
    load: "wrk 4.1.0, one thread, 32 connections",
    rounds: 5,
    seconds: 2,
    warmup: 1,
    unit: "µs",
    noise,
    contenders: [measured("bare", 1), ours, ...Object.entries(others).map(([name, part]) => measured(name, part))],
  };
}
