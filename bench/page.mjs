// docs/performance.md, made of results: what was measured beside what was to be reached, then every workload's tables.
import { keyOf } from "./results.mjs";
import { find, layerCosts, speedOf, TARGETS } from "./targets.mjs";
import { WORKLOADS } from "./workloads/index.mjs";

const ORDER = ["node-20", "node-22", "node-24", "node-26", "bun", "deno", "workerd"];

/** The newest cell of each workload and runtime, each with its machine; quick runs are no results. */
export function merge(results) {
  const newest = new Map();
  for (const { cells, machine } of results)
    for (const cell of cells) {
      const before = newest.get(keyOf(cell));
      if (!cell.quick && (before === undefined || before.date < cell.date))
        newest.set(keyOf(cell), { ...cell, machine });
    }
  return [...newest.values()].sort((a, b) => place(a) - place(b) || rank(a) - rank(b));
}

const rank = ({ runtime }) => (ORDER.includes(runtime) ? ORDER.indexOf(runtime) : ORDER.length);
const place = ({ workload }) => WORKLOADS.findIndex(({ name }) => name === workload);

/** The charts: one a workload of ratios to bare, and hello beside json for the README. */
export function pictures(cells) {
  const drawn = WORKLOADS.filter(({ measure }) => measure === undefined)
    .map(({ name }) => ({ name, cells: cells.filter(({ workload }) => workload === name) }))
    .filter(({ cells: some }) => some.length > 0);
  const each = drawn.map(({ name, cells: some }) => ({
    name: `bench-${name}`,
    panels: some.map((cell) => panelOf(cell, runtimeName(cell))),
    options: { title: `${name}: requests per CPU second, bare runtime = 1`, columns: 2 },
  }));
  const both = cells.filter(({ workload }) => workload === "hello" || workload === "json");
  const runtimes = [...new Set(both.map(({ runtime }) => runtime))];
  const pairs = runtimes.flatMap((runtime) =>
    ["hello", "json"].map((name) => both.find((cell) => cell.runtime === runtime && cell.workload === name)),
  );
  if (pairs.length === 0 || pairs.includes(undefined)) return each;
  const panels = pairs.map((cell) => panelOf(cell, `${cell.workload} on ${runtimeName(cell)}`));
  return [
    ...each,
    { name: "bench", panels, options: { title: "Requests per CPU second, bare runtime = 1", columns: 2 } },
  ];
}

function panelOf(cell, title) {
  const bars = cell.contenders
    .filter(({ ratio }) => ratio !== undefined)
    .sort((a, b) => b.ratio - a.ratio)
    .map((contender) => ({ name: nameOf(contender, cell), value: contender.ratio, kind: kindOf(contender.server) }));
  return { title, bars };
}

const kindOf = (server) => (server === "tsgi" ? "ours" : server === "bare" || server === "floor" ? "bare" : "other");

const NAMES = { "node-20": "Node 20", "node-22": "Node 22", "node-24": "Node 24", "node-26": "Node 26" };
const runtimeName = ({ runtime }) =>
  NAMES[runtime] ?? (runtime === "workerd" ? runtime : `${runtime[0].toUpperCase()}${runtime.slice(1)}`);

function nameOf({ server, option }, { workload }) {
  const { optionTitle } = WORKLOADS.find(({ name }) => name === workload) ?? {};
  return [server, option === "" ? "" : (optionTitle?.(option) ?? option)].filter(Boolean).join(", ");
}

/**
 * The page.
 *
 * @param cells what `merge` gave
 * @param parts texts written by hand: the first stands at the beginning, the others at the end
 */
export function page(cells, [first = "", ...others]) {
  const names = [...new Set(cells.map(({ workload }) => workload))];
  return [
    "<!-- printed by npm run bench:report from bench/results and bench/report: change it there -->",
    first.trim(),
    machines(cells),
    "## What was to be reached",
    targetTable(cells),
    ...names.map((name) => section(cells.filter(({ workload }) => workload === name))),
    ...others.map((part) => part.trim()),
    versions(cells),
    "",
  ].join("\n\n");
}

function machines(cells) {
  const lines = cells.map(({ date, commit, load, machine: { cpu, cores, memory, kernel } }) => {
    const size = `${Math.round(memory / 2 ** 30)} GiB`;
    return `* ${date.slice(0, 10)}, commit ${commit ?? "unknown"}: ${cpu}, ${cores} cores, ${size}, ${kernel}; load from ${load}`;
  });
  return `Measured:\n\n${[...new Set(lines)].sort().join("\n")}${calm(cells)}`;
}

/** Two equal servers further apart than this say that the machine did something else, too. */
const CALM = 0.05;

function calm(cells) {
  const wild = cells.filter(({ noise }) => noise > CALM);
  if (wild.length === 0) return "";
  const where = wild.map((cell) => `${cell.workload} on ${runtimeName(cell)}`).join(", ");
  return `\n\n**The machine was not calm**: two bare servers seemed more than 5 % apart in ${where}. Nothing finer than that is told apart there.`;
}

function targetTable(cells) {
  const rows = cells.flatMap((cell) =>
    TARGETS.filter(({ applies }) => applies(cell)).map((target) => {
      const value = target.measure(cell, "tsgi");
      const floor = target.measure(cell, "floor");
      const show = (some, none) => (some === undefined ? none : target.show(some, cell));
      const figures = [show(value, "no result"), show(floor, "")];
      return [cell.workload, runtimeName(cell), target.asked, ...figures, verdict(target, value)];
    }),
  );
  return table(["workload", "runtime", "asked", "measured", "floor", ""], rows);
}

function verdict({ met, asked }, value) {
  if (value === undefined) return "";
  if (asked.endsWith("told")) return "";
  return met(value) ? "reached" : "**missed**";
}

function section(cells) {
  const [{ workload }] = cells;
  const { title, measure } = WORKLOADS.find(({ name }) => name === workload) ?? { title: "" };
  const chart =
    measure === undefined ? [`![${workload}: ratios to the bare runtime](images/bench-${workload}.svg)`] : [];
  return [`## ${workload}`, `${title[0].toUpperCase()}${title.slice(1)}.`, ...chart, ...cells.map(cellTable)].join(
    "\n\n",
  );
}

/** The columns that a contender's figures may have, in their order. */
const COLUMNS = [
  ["ratio", "× bare", (value) => value.toFixed(3)],
  ["uncertainty", "±", (value) => value.toFixed(3)],
  ["cost", undefined, (value) => value.toFixed(value < 100 ? 2 : 0)],
  ["rate", undefined, (value) => Math.round(value).toLocaleString("en")],
  ["p50", "p50 ms", (value) => (value / 1000).toFixed(2)],
  ["p99", "p99 ms", (value) => (value / 1000).toFixed(2)],
  ["memory", undefined, mebibytes],
  ["slowMemory", "slow reader, + MiB", mebibytes],
  ["bundle", "bundle, bytes gzipped", (value) => value.toLocaleString("en")],
];

function mebibytes(value) {
  return (value / 2 ** 20).toFixed(0);
}

const COST = { µs: "CPU µs", "µs/MiB": "CPU µs a MiB", B: "bytes a connection", ms: "ms" };

function cellTable(cell) {
  const transfer = cell.unit === "µs/MiB";
  const titles = {
    cost: COST[cell.unit] ?? cell.unit,
    rate: transfer ? "MiB/s" : "req/s",
    memory: transfer ? "memory, + MiB" : "peak MiB",
  };
  const good = cell.contenders.filter(({ cost }) => cost !== undefined);
  const columns = COLUMNS.filter(([key]) => good.some((contender) => contender[key] !== undefined));
  const rows = good
    .sort((a, b) => (b.ratio ?? 0) - (a.ratio ?? 0))
    .map((contender) => [
      `${nameOf(contender, cell)}${contender.version === undefined ? "" : ` ${contender.version}`}`,
      ...columns.map(([key, , show]) => (contender[key] === undefined ? "" : show(contender[key]))),
    ]);
  const head = ["", ...columns.map(([key, title]) => title ?? titles[key])];
  return [`### ${cell.workload} on ${runtimeName(cell)}`, table(head, rows, "right"), ...notes(cell)].join("\n\n");
}

function notes(cell) {
  const failed = cell.contenders.filter(({ error }) => error !== undefined);
  const layers = cell.workload === "filters" ? layerCosts(cell) : [];
  const fetches = cell.workload === "fetch" ? speedOf(find(cell, "tsgi", "filter"), find(cell, "tsgi", "")) : undefined;
  return [
    cell.noise === undefined ? "" : `Two bare servers seemed ${(cell.noise * 100).toFixed(1)} % apart.`,
    layers.length === 0
      ? ""
      : `A layer of TSGI costs ${layers.map(({ layers: count, each }) => `${(each * 100).toFixed(2)} % of hello where there are ${count}`).join(", ")}.`,
    fetches === undefined ? "" : `The filter leaves ${fetches.toFixed(3)} of the speed without it.`,
    ...failed.map((contender) => `No result of ${nameOf(contender, cell)}: ${contender.error}.`),
  ].filter(Boolean);
}

function versions(cells) {
  const found = new Map(cells.map((cell) => [runtimeName(cell), cell.runtimeVersion]));
  return `## Versions\n\n${[...found].map(([name, version]) => `${name} ${version.startsWith(name.replace("Node ", "")) ? `(${version})` : version}`).join(", ")}.`;
}

function table(head, rows, align = "left") {
  const rule = head.map((_, i) => (i > 0 && align === "right" ? "---:" : "---"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
