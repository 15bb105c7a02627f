// What is to be reached. Each target says what it asks of a cell, and what was measured.
import { median, ratios } from "./statistics.mjs";

const KIBIBYTE = 1024;

/** A contender of a cell that has a result. */
export function find(cell, server, option) {
  return cell.contenders.find(
    (contender) =>
      contender.server === server &&
      contender.cost !== undefined &&
      (option === undefined || contender.option === option),
  );
}

/** How fast `one` is beside `other`, round by round: the median of the ratios; undefined when one has no result. */
export function speedOf(one, other) {
  if (one === undefined || other === undefined) return undefined;
  return median(
    ratios(
      one.rounds.map(({ cost }) => cost),
      other.rounds.map(({ cost }) => cost),
    ),
  );
}

const isNode = (runtime) => runtime.startsWith("node-");
const times = (value) => `${value.toFixed(3)} ×`;
const percent = (value) => `${((value - 1) * 100).toFixed(1)} %`;
const atLeast = (wanted) => (value) => value >= wanted;
const atMost = (wanted) => (value) => value <= wanted;

/** A server beside the bare runtime, for a workload's option. */
const besideBare = (option) => (cell, server) =>
  speedOf(find(cell, server, option), find(cell, "bare", option) ?? find(cell, "bare"));

/** A server beside the fastest of the others. */
const besideRivals = (names) => (cell, server) => {
  const ours = find(cell, server);
  const rivals = cell.contenders.filter(({ server, cost }) => cost !== undefined && names(server));
  const speeds = rivals.map((rival) => speedOf(ours, rival)).filter((speed) => speed !== undefined);
  return speeds.length === 0 ? undefined : Math.min(...speeds);
};

/** What a layer costs, as a part of hello without any: alike for few and for many. */
export function layerCosts(cell) {
  const none = find(cell, "tsgi", "0");
  if (none === undefined) return [];
  return cell.contenders
    .filter(({ server, option, cost }) => server === "tsgi" && option !== "0" && cost !== undefined)
    .map((contender) => ({
      layers: Number(contender.option),
      each: (1 / speedOf(contender, none) - 1) / Number(contender.option),
    }));
}

const MAIN = ["hello", "json", "route"];
const WEB = ["srvx", "hono"];

/**
 * The targets: of which workloads and runtimes, what is asked, how it is read off a cell for a server (ours, or the floor
 * beside it), when it is met.
 */
export const TARGETS = [
  {
    applies: ({ workload, runtime }) => MAIN.includes(workload) && isNode(runtime),
    asked: "at least 0.97 × bare",
    measure: besideBare(""),
    show: times,
    met: atLeast(0.97),
  },
  {
    applies: ({ workload, runtime }) => MAIN.includes(workload) && isNode(runtime),
    asked: "ahead of every rival",
    measure: besideRivals((server) => !["bare", "floor", "tsgi"].includes(server)),
    show: (value) => `${times(value)} the fastest`,
    met: (value) => value > 1,
  },
  {
    applies: ({ workload, runtime }) => MAIN.includes(workload) && !isNode(runtime),
    asked: "at least 0.95 × bare",
    measure: besideBare(""),
    show: times,
    met: atLeast(0.95),
  },
  {
    applies: ({ workload, runtime }) => MAIN.includes(workload) && !isNode(runtime),
    asked: "ahead of srvx and hono",
    measure: besideRivals((server) => WEB.includes(server)),
    show: (value) => `${times(value)} the faster`,
    met: (value) => value > 1,
  },
  {
    applies: ({ workload }) => workload === "filters",
    asked: "ten layers cost at most 8 % of hello",
    measure: (cell, server) => invert(speedOf(find(cell, server, "10"), find(cell, server, "0"))),
    show: percent,
    met: atMost(1.08),
  },
  {
    applies: ({ workload }) => workload === "mounts",
    asked: "10,000 mounts within 5 % of one",
    measure: (cell, server) => invert(speedOf(find(cell, server, "10000"), find(cell, server, "1"))),
    show: percent,
    met: atMost(1.05),
  },
  ...["now", "later"].map((option) => ({
    applies: ({ workload }) => workload === "stream",
    asked: `at least 0.95 × bare (${option})`,
    measure: besideBare(option),
    show: times,
    met: atLeast(0.95),
  })),
  {
    applies: ({ workload }) => workload === "upload" || workload === "download",
    asked: "at least 0.95 × bare",
    measure: besideBare(),
    show: times,
    met: atLeast(0.95),
  },
  {
    applies: ({ workload }) => workload === "download",
    asked: "memory grows at most 64 MiB, however slow the reader",
    measure: (cell, server) => {
      const ours = find(cell, server);
      return ours === undefined ? undefined : Math.max(ours.memory, ours.slowMemory) / KIBIBYTE ** 2;
    },
    show: (value) => `${value.toFixed(0)} MiB`,
    met: atMost(64),
  },
  {
    applies: ({ workload }) => workload === "idle",
    asked: "at most 2 KiB a connection above bare",
    measure: (cell, server) => {
      const [ours, bare] = [find(cell, server), find(cell, "bare")];
      return ours === undefined || bare === undefined ? undefined : ours.cost - bare.cost;
    },
    show: (value) => `${(value / KIBIBYTE).toFixed(1)} KiB`,
    met: atMost(2 * KIBIBYTE),
  },
  {
    applies: ({ workload }) => workload === "start",
    asked: "first answer within 1.1 × bare",
    measure: (cell, server) => invert(besideBare()(cell, server)),
    show: times,
    met: atMost(1.1),
  },
  {
    applies: ({ workload, runtime }) => workload === "start" && runtime === "workerd",
    asked: "worker bundle at most 6 KiB gzipped",
    measure: (cell, server) => find(cell, server)?.bundle,
    show: (value) => `${(value / KIBIBYTE).toFixed(1)} KiB`,
    met: atMost(6 * KIBIBYTE),
  },
  {
    applies: ({ workload, runtime }) => workload === "fetch" && isNode(runtime),
    asked: "level with srvx and a native Response",
    measure: (cell, server) => speedOf(find(cell, server, ""), find(cell, "srvx")),
    show: (value) => `${times(value)} srvx`,
    met: atLeast(1),
  },
  {
    applies: ({ workload, runtime }) => workload === "fetch" && !isNode(runtime),
    asked: "at least 0.97 × hono alone",
    measure: (cell, server) => speedOf(find(cell, server, ""), find(cell, "hono")),
    show: (value) => `${times(value)} hono`,
    met: atLeast(0.97),
  },
  {
    applies: ({ workload }) => workload === "fetch",
    asked: "with a filter that adds a header: told",
    measure: (cell, server) =>
      speedOf(find(cell, server, "filter"), find(cell, isNode(cell.runtime) ? "srvx" : "hono")),
    show: (value, cell) => `${times(value)} ${isNode(cell.runtime) ? "srvx" : "hono"}`,
    met: () => true,
  },
];

const invert = (value) => (value === undefined ? undefined : 1 / value);
