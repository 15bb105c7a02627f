// One cell of the results: one workload on one runtime, every server in turn, several rounds.
import { binary, ROOT } from "../tools/runtimes.mjs";
import { isOnFloor, pythonServers, SERVERS, versionOf } from "./contenders.mjs";
import { launcher } from "./launch.mjs";
import { openRate } from "./measure.mjs";
import { versionSaid } from "./results.mjs";
import { summarise } from "./statistics.mjs";

/**
 * Measures a workload on a runtime. Each round starts everyone anew and measures everyone in turn, A B C, several times
 * when that is cheap, each time beginning with another: what disturbs the machine for seconds then disturbs all alike.
 * The bare runtime comes twice, the second time as the control that shows the noise.
 *
 * @returns the cell, or undefined when nobody there serves the workload
 */
export async function measureCell(workload, runtime, asked) {
  const settings = runtime === "workerd" ? longer(asked, workload) : asked;
  const binaryVersion = await versionSaid(runtime === "node" ? settings.node : binary(binaryName(runtime)));
  const major = Number(binaryVersion.split(".")[0]);
  const label = runtime === "node" ? `node-${major}` : runtime;
  const contenders = await contendersOf(workload, runtime, settings, major);
  if (contenders.length === 0) return undefined;
  const control = { ...contenders.find(({ server }) => server === "bare"), isControl: true, rounds: [] };
  const all = [...contenders, ...(settings.quick || control.server === undefined ? [] : [control])];
  console.log(`\n${workload.name} on ${label} (${binaryVersion})`);
  try {
    for (const contender of all)
      await attempt(contender, async () => {
        contender.launcher = await launcher({
          ...contender,
          runtime,
          workload: workload.name,
          files: workload.files?.(),
        });
        contender.bundle = await workload.bundle?.(runtime, contender.server);
      });
    if (workload.measure === undefined)
      for (let round = 0; round < settings.rounds; round++) await measureRates(all, workload, settings);
    else await measureAlone(all, workload, settings);
  } finally {
    for (const contender of all) await contender.launcher?.dispose();
  }
  const { contenders: summed, noise } = summarise(
    contenders.map(withoutLauncher),
    control.rounds.map(({ cost }) => cost),
  );
  const { rounds, turns, seconds, warmup, quick, commit, load } = settings;
  const how = { date: new Date().toISOString(), commit, load, rounds, turns, seconds, warmup, quick };
  const cell = { runtime: label, runtimeVersion: binaryVersion, workload: workload.name, ...how };
  print(workload, summed, noise);
  return { ...cell, unit: workload.unit ?? "µs", noise, contenders: summed };
}

/** workerd collects its garbage every second or two, and a second with a collection costs twice one without: fewer and longer. */
function longer(settings, { measure }) {
  if (measure !== undefined) return settings;
  return { ...settings, seconds: 4 * settings.seconds, turns: Math.max(2, Math.ceil(settings.turns / 4)) };
}

/** One round under load: all servers run, and wait while another one is measured. */
async function measureRates(all, workload, settings) {
  const running = new Map();
  try {
    for (const contender of all)
      await attempt(contender, async () => {
        running.set(contender, await openRate(contender.launcher, workload, contender.option, settings));
      });
    for (let turn = 0; turn < settings.turns; turn++)
      for (const contender of rotated(all, turn))
        await attempt(contender, async () => {
          contender.rounds.push(await running.get(contender).measure());
        });
  } finally {
    for (const server of running.values()) await server.stop();
  }
}

/** What is not a rate needs a fresh server each time, and nobody beside it. */
async function measureAlone(all, workload, settings) {
  const turns = Math.min(settings.turns, workload.rounds ?? Number.POSITIVE_INFINITY);
  for (let turn = 0; turn < turns; turn++)
    for (const contender of rotated(all, turn))
      await attempt(contender, async () => {
        contender.rounds.push(await workload.measure(contender.launcher, workload, contender.option, settings));
      });
}

/** What of a contender is a result. */
function withoutLauncher({ server, option, version, rounds, error, bundle }) {
  return { server, option, version, error, bundle, rounds };
}

const binaryName = (runtime) => (runtime === "workerd" ? "workers" : runtime);

async function contendersOf(workload, runtime, settings, major) {
  const serves = (server) =>
    (workload.servers?.includes(server) ?? true) &&
    (settings.servers === undefined || server === "bare" || settings.servers.includes(server)) &&
    (server !== "floor" || isOnFloor(workload.name, runtime)) &&
    !(workload.except?.includes(server) ?? false);
  const contenders = [];
  const add = (server, version) => {
    if (!serves(server)) return;
    for (const option of workload.options?.(server, settings, runtime) ?? [""])
      contenders.push({ server, option, version, node: settings.node, rounds: [] });
  };
  for (const server of Object.keys(SERVERS[runtime])) add(server, versionOf(runtime, server, major));
  if (workload.python && runtime === "node")
    for (const [server, version] of Object.entries(await pythonServers())) add(server, version);
  return contenders;
}

/** A server that fails once is out: a run with errors is no result. */
async function attempt(contender, act) {
  if (contender.error !== undefined) return;
  try {
    await act();
  } catch (error) {
    contender.error = reasonOf(error.message);
    contender.rounds = [];
    console.log(`  ${nameOf(contender)}: ${error.message}`);
  }
}

/** What went wrong in one line, for the results: of a process that died, the error that it died of. No paths. */
export function reasonOf(message) {
  const thrown = /^(?:Uncaught )?\w*Error: .*$/m.exec(message)?.[0];
  const [first] = message.split("\n");
  const line =
    thrown === undefined || first.includes(thrown) ? first : `${first.replace(/:[^:]*\/.*$/, "")}: ${thrown}`;
  return line.replaceAll(ROOT, "").trim();
}

function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

const nameOf = ({ server, option, isControl }) => `${server}${option && ` ${option}`}${isControl ? " (again)" : ""}`;

const mebibytes = (bytes) => Math.round(bytes / 2 ** 20);

function print(workload, contenders, noise) {
  for (const contender of contenders) {
    if (contender.error !== undefined) continue;
    const { cost, ratio, uncertainty, rate, p50, p99, memory, slowMemory, bundle } = contender;
    const range = uncertainty === undefined ? "       " : `±${uncertainty.toFixed(3)} `;
    const figures = [
      `${cost.toFixed(2)} ${workload.unit ?? "µs"}`.padStart(12),
      rate === undefined ? "" : `${Math.round(rate)}/s`.padStart(10),
      p50 === undefined ? "" : `p50 ${(p50 / 1000).toFixed(2)} ms, p99 ${(p99 / 1000).toFixed(2)} ms`,
      memory === undefined ? "" : `${mebibytes(memory)} MiB`,
      slowMemory === undefined ? "" : `slow reader +${mebibytes(slowMemory)} MiB`,
      bundle === undefined ? "" : `bundle ${bundle} B gzipped`,
    ];
    const name = nameOf(contender).padEnd(20);
    console.log(`  ${name} ${ratio === undefined ? "     " : ratio.toFixed(3)} ${range}${figures.join("  ")}`);
  }
  if (noise !== undefined) console.log(`  noise: two bare servers seem ${(noise * 100).toFixed(1)} % apart`);
}
