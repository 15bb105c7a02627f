// `node bench/loading.mjs`: what it costs to load a file of many sections, beyond a process that has imported the loader
// and done nothing, and what a request costs through what was loaded beside the same composition by hand. Needs the build.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { median } from "./statistics.mjs";

const ROUNDS = 9;
const APPS = `export const make = (globalConf, { text }) => (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [text];
};
export const pass = () => (app) => (environ, startResponse) => app(environ, startResponse);
`;

/** A file of so many sections: apps, each mounted, a filter before them, and the server. */
function manySections(count) {
  const apps = Array.from({ length: count - 4 }, (_, i) => i);
  return `[server:main]
use = tsgi
[pipeline:main]
pipeline = pass site
[filter:pass]
use = ./apps.mjs:pass
[composite:site]
use = urlmap
${apps.map((i) => `/p${i} = a${i}`).join("\n")}
${apps.map((i) => `[app:a${i}]\nuse = ./apps.mjs:make\ntext = page %(here)s ${i}`).join("\n")}
`;
}

/** How far a process goes: each step does what the one before does, and more. */
const STEPS = {
  start: async () => {},
  import: async () => import("@tsgi/deploy"),
  read: async (uri) => (await import("@tsgi/deploy")).readConfig(uri),
  compose: async (uri) => (await import("@tsgi/deploy")).loadContext("app", uri),
  make: async (uri) => (await import("@tsgi/deploy")).loadApp(uri),
};

/** CPU milliseconds, those of its threads included, that a process of its own takes for each step beyond the one before. */
function cpuOfSteps(file) {
  const rounds = Array.from({ length: ROUNDS }, () =>
    Object.keys(STEPS).map((step) =>
      Number(
        execFileSync(process.execPath, [fileURLToPath(import.meta.url), "child", step, file], { encoding: "utf8" }),
      ),
    ),
  );
  const [, ...steps] = Object.keys(STEPS);
  return Object.fromEntries(steps.map((step, i) => [step, median(rounds.map((cpu) => cpu[i + 1] - cpu[i]))]));
}

/** Nanoseconds of CPU that a call of an app takes. */
function cpuOfRequest(app) {
  const began = process.cpuUsage();
  for (let i = 0; i < 300_000; i++)
    app({ REQUEST_METHOD: "GET", SCRIPT_NAME: "", PATH_INFO: "/p1/x", HTTP_HOST: "a" }, () => {});
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 300;
}

/** What a request costs through each of two apps: the median of the ratios of rounds in turn. */
function ratioOfRequests(one, other) {
  cpuOfRequest(one);
  cpuOfRequest(other);
  const rounds = Array.from({ length: ROUNDS }, () => [cpuOfRequest(one), cpuOfRequest(other)]);
  return { ratio: median(rounds.map(([a, b]) => a / b)), ns: median(rounds.map(([a]) => a)) };
}

async function main() {
  const { pipeline, urlmap } = await import("@tsgi/core");
  const { loadApp } = await import("@tsgi/deploy");
  const folder = mkdtempSync(join(tmpdir(), "tsgi-loading-"));
  try {
    writeFileSync(join(folder, "apps.mjs"), APPS);
    for (const count of [250, 500, 1000, 2000, 4000, 8000]) {
      const file = join(folder, `${count}.ini`);
      writeFileSync(file, manySections(count));
      const { import: imported, read, compose, make } = cpuOfSteps(file);
      const ms = read + compose + make;
      console.log(
        `${String(count).padStart(5)} sections: ${ms.toFixed(0)} ms of CPU, ${((ms * 1000) / count).toFixed(0)} µs each; ` +
          `${read.toFixed(0)} to read, ${compose.toFixed(0)} to compose, ${make.toFixed(0)} to make; before that ${imported.toFixed(0)} to import the loader`,
      );
    }
    const file = join(folder, "10.ini");
    writeFileSync(file, manySections(10));
    const loaded = await loadApp(`config:${file}`);
    const { make, pass } = await import(pathToFileURL(join(folder, "apps.mjs")).href);
    const mounts = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`/p${i}`, make({}, { text: `page ${i}` })]));
    const byHand = pipeline([pass()], urlmap(mounts));
    const { ratio, ns } = ratioOfRequests(loaded, byHand);
    console.log(
      `a request through the loaded composition: ${ns.toFixed(0)} ns, ${ratio.toFixed(3)} × of the same by hand`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function child(step, file) {
  await STEPS[step](`config:${file}`);
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1000);
}

if (process.argv[2] === "child") await child(process.argv[3], process.argv[4]);
else await main();
