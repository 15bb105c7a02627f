// `npm run bench`: measures workloads on runtimes, in turn, several rounds; see usage below.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../tools/runtimes.mjs";
import { compare, comparison, measuredAlike } from "./compare.mjs";
import { ALL_SERVERS, BENCH, RUNTIMES } from "./contenders.mjs";
import { LOAD_CORE, SERVER_CORE } from "./launch.mjs";
import { described, emptyResults, loadResults, saveResults } from "./results.mjs";
import { measureCell } from "./rounds.mjs";
import { WORKLOADS } from "./workloads/index.mjs";

const USAGE = `npm run bench -- [WORKLOAD...] [options]

workloads           ${WORKLOADS.map(({ name }) => name).join(" ")} (default: all)
--runtime LIST      ${RUNTIMES.join(",")} (default: all)
--servers LIST      only these, and bare
--rounds N          default 2: in each every server is started anew
--turns N           default 6: how often each is measured in a round
--seconds N         of one measurement, default 1
--warmup N          seconds, default 1
--quick             hello, json and route of bare and tsgi, in two minutes
--node N            measures on Node N of tools/nodes instead of the one that runs this
--out FILE          where to write; default bench/results/DATE.json, and nothing with --quick
--compare FILE      says which ratios are worse than there by more than the noise; ends with 1 when there are such`;

const OPTIONS = {
  runtime: { type: "string" },
  servers: { type: "string" },
  rounds: { type: "string" },
  turns: { type: "string" },
  seconds: { type: "string" },
  warmup: { type: "string" },
  quick: { type: "boolean" },
  node: { type: "string" },
  out: { type: "string" },
  compare: { type: "string" },
  help: { type: "boolean" },
};

async function main() {
  const settings = settingsOf(process.argv.slice(2));
  if (settings === undefined) return console.log(USAGE);
  const baseline = settings.compare === undefined ? undefined : await loadResults(settings.compare);
  await prepare(settings);
  await command("taskset", ["-acp", LOAD_CORE, String(process.pid)], { stdio: "ignore" });
  if (SERVER_CORE === LOAD_CORE) console.log("one core alone: the load generator disturbs what it measures");
  const results = emptyResults();
  const how = { ...settings, ...described() };
  console.log(`${how.load}; ${results.machine.cpu}, ${results.machine.cores} cores, ${results.machine.kernel}`);
  for (const runtime of settings.runtimes)
    for (const workload of settings.workloads) {
      const cell = await measureCell(workload, runtime, how);
      if (cell === undefined) continue;
      results.cells.push(cell);
      if (settings.out !== undefined) await saveResults(settings.out, results);
    }
  if (settings.out !== undefined) console.log(`\nwritten to ${settings.out}`);
  if (baseline === undefined) return;
  if (!measuredAlike(baseline, results))
    console.log("\nmeasured for other times than there (seconds, warm-up): compare like with like");
  const changes = compare(baseline, results);
  console.log(`\n${comparison(changes)}`);
  if (changes.some(({ verdict }) => verdict === "worse" || verdict === "failed")) process.exitCode = 1;
}

/** What the command line asks for; undefined for --help. */
function settingsOf(argv) {
  let parsed;
  try {
    parsed = parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error.message);
  }
  const { values, positionals } = parsed;
  if (values.help) return undefined;
  const { quick = false } = values;
  const names = positionals.length > 0 ? positionals : quick ? ["hello", "json", "route"] : undefined;
  const major = values.node === undefined ? undefined : number(values.node, "node");
  const node = major === undefined ? process.execPath : join(ROOT, `tools/nodes/node_modules/node-${major}/bin/node`);
  const usual = quick ? ["bare", "tsgi"] : undefined;
  const today = new Date().toISOString().slice(0, 10);
  return {
    workloads: pick(names, WORKLOADS, ({ name }) => name, "workload"),
    runtimes: pick(values.runtime?.split(","), RUNTIMES, String, "runtime"),
    servers: values.servers === undefined ? usual : pick(values.servers.split(","), ALL_SERVERS, String, "server"),
    rounds: number(values.rounds ?? (quick ? "1" : "2"), "rounds"),
    turns: number(values.turns ?? "6", "turns"),
    seconds: number(values.seconds ?? "1", "seconds"),
    warmup: number(values.warmup ?? (quick ? "0.5" : "1"), "warmup"),
    quick,
    node,
    out: values.out ?? (quick || values.servers ? undefined : join(BENCH, `results/${today}.json`)),
    compare: values.compare,
  };
}

function pick(asked, all, nameOf, what) {
  if (asked === undefined) return all;
  return asked.map((name) => {
    const found = all.find((item) => nameOf(item) === name);
    if (found === undefined)
      throw new UsageError(`${what} ${JSON.stringify(name)} is none of ${all.map(nameOf).join(", ")}`);
    return found;
  });
}

function number(text, option) {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--${option} ${JSON.stringify(text)} is not a number above 0`);
  return value;
}

class UsageError extends Error {}

/** The rivals, the packages' dist and another Node: what is missing is installed or built. */
async function prepare({ node }) {
  if (process.platform !== "linux") throw new Error("the benchmark reads /proc and needs Linux");
  if (!existsSync(join(BENCH, "node_modules"))) await command("npm", ["ci", "--prefix", BENCH]);
  const built = ["core", "node", "bun", "deno", "workers"];
  if (!built.every((name) => existsSync(join(ROOT, `packages/${name}/dist/index.js`))))
    await command("npm", ["run", "build"]);
  if (!existsSync(node)) await command("npm", ["ci", "--prefix", join(ROOT, "tools/nodes")]);
  if (!existsSync(node)) throw new Error(`${node} is not there; tools/nodes/package.json says which Nodes there are`);
}

function command(file, args, options = { stdio: "inherit" }) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: ROOT, ...options });
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${file} ${args.join(" ")} ended with ${code}`)),
    );
  });
}

// ended by a signal it ends what it has started: see launch.mjs
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
])
  process.on(signal, () => process.exit(code));

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = 2;
}
