// INI and HTTP cases: a configuration file is loaded by the built loader, and what was composed is told as plain data, or
// asked over HTTP in memory. The cases are run in a copy of their folder, beside which the package `fixture` is installed
// as npm would: so it is found as any package is, wherever the case set lies.
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorOf, respond } from "./http.mjs";
import { describing } from "./ini-builtins.mjs";

export { difference } from "./http.mjs";

const FIXTURE = fileURLToPath(new URL("../../oracle/fixture", import.meta.url));
const REGISTRY = Symbol.for("tsgi.oracle.fixture");

/** Prepares a case set; `run(test)` gives a result for each of its operations. Call `close()` at the end. */
export async function openCases(core, deploy, directory) {
  const registry = (globalThis[REGISTRY] ??= { created: [], described: new WeakMap() });
  const root = await realpath(await mkdtemp(join(tmpdir(), "oracle-")));
  const here = join(root, "cases");
  await cp(join(directory, "cases"), here, { recursive: true });
  await mkdir(join(root, "node_modules"));
  await symlink(FIXTURE, join(root, "node_modules/fixture"), "junction");
  registry.described.set(PROBE, () => ({ kind: "probe" }));
  const restore = describing(deploy, registry.described);
  const before = process.cwd();
  // a URI without a folder finds its package from where the process stands
  process.chdir(here);
  return {
    expected: JSON.parse(await readFile(join(directory, "expected.json"), "utf8")),
    async run(test) {
      const results = [];
      for (const op of test.ops) results.push(await runOp({ core, deploy, registry, here }, test, op));
      return results;
    },
    async close() {
      process.chdir(before);
      restore();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function runOp({ core, deploy, registry, here }, test, op) {
  const there = (value) => JSON.parse(JSON.stringify(value).replaceAll("{here}", here));
  const uri = there(op.uri ?? `config:${test.file}`);
  const options = {
    name: op.name,
    relativeTo: op.relative_to === null ? undefined : there(op.relative_to ?? "{here}"),
    globalConf: op.global_conf === undefined ? undefined : there(op.global_conf),
  };
  const treeOf = (object) => {
    if (object === null || object === undefined) return null;
    return registry.described.get(object)?.() ?? { kind: "other", type: typeof object };
  };
  const perform = {
    loadapp: async () => ({ tree: treeOf(await deploy.loadApp(uri, options)) }),
    loadfilter: async () => ({ tree: treeOf((await deploy.loadFilter(uri, options))(PROBE)) }),
    loadserver: async () => ({ tree: treeOf(await (await deploy.loadServer(uri, options))(PROBE)) }),
    appconfig: async () => {
      const { config, globalConf, localConf, context } = await deploy.appConfig(uri, options);
      const { objectType, protocol } = context;
      return { config, global_conf: globalConf, local_conf: localConf, object_type: objectType, protocol };
    },
    http: async () => {
      const app = await deploy.loadApp(uri, options);
      const responses = [];
      for (const request of op.requests) responses.push(await respond(core, app, request));
      return { responses };
    },
  };
  registry.created.length = 0;
  let result;
  try {
    result = await perform[op.op]();
    if ("tree" in result) result.created = [...registry.created];
  } catch (error) {
    result = { error: errorOf(error) };
  }
  return JSON.parse(JSON.stringify(result).replaceAll(here, "{here}"));
}

/** Stands for the app that a filter or a server is given. */
const PROBE = (environ, startResponse) => {
  startResponse("200 OK", []);
  return [];
};
