// One cell of the results: one workload on one runtime, every server in turn, several rounds.
import { binary, ROOT } from "../tools/runtimes.mjs";
import { pythonServers, SERVERS, versionOf } from "./contenders.mjs";
import { launcher } from "./launch.mjs";
import { measureRate } from "./measure.mjs";
import { versionSaid } from "./results.mjs";
import { summarise } from "./statistics.mjs";

/**
 * Measures a workload on a runtime. Each round measures everyone once, A B C, and each begins with another; the bare
 * runtime comes twice, the second time as the control that shows the noise.
 *
 * @returns the cell, or undefined when nobody there serves the workload
 */
export async function measureCell(workload, runtime, settings) {
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
    const rounds = Math.min(settings.rounds, workload.rounds ?? Number.POSITIVE_INFINITY);
    for (let round = 0; round < rounds; round++)
      for (const contender of rotated(all, round))
        await attempt(contender, async () => {
          const measure = workload.measure ?? measureRate;
          contender.rounds.push(await measure(contender.launcher, workload, contender.option, settings));
        });
  } finally {
    for (const contender of all) await contender.launcher?.dispose();
  }
  const { contenders: summed, noise } = summarise(
    contenders.map(withoutLauncher),
    control.rounds.map(({ cost }) => cost),
  );
  const { rounds, seconds, warmup, quick, commit, load } = settings;
  const how = { date: new Date().toISOString(), commit, load, rounds, seconds, warmup, quick };
  const cell = { runtime: label, runtimeVersion: binaryVersion, workload: workload.name, ...how };
  print(workload, summed, noise);
  return { ...cell, unit: workload.unit ?? "µs", noise, contenders: summed };
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
    !(workload.except?.includes(server) ?? false);
  const contenders = [];
  const add = (server, version) => {
    if (!serves(server)) return;
    for (const option of workload.options?.(server, settings) ?? [""])
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
