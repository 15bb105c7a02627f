// INI and HTTP cases: a configuration file is loaded by the built loader, and what was composed is told as plain data, or
// asked over HTTP in memory. The cases are run in a copy of their folder, beside which the package `fixture` is installed
// as npm would: so it is found as any package is, wherever the case set lies.
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describing } from "./ini-builtins.mjs";

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

const BASE = {
  REQUEST_METHOD: "GET",
  SCRIPT_NAME: "",
  PATH_INFO: "/",
  QUERY_STRING: "",
  SERVER_NAME: "localhost",
  SERVER_PORT: "80",
  HTTP_HOST: "localhost",
  SERVER_PROTOCOL: "HTTP/1.1",
  "wsgi.url_scheme": "http",
};

/** One request, answered in memory. */
async function respond(core, app, { environ: changes, input = "" }) {
  const environ = { "tsgi.errors": { write() {}, flush() {} }, "tsgi.input": inputOf(input) };
  for (const [key, value] of Object.entries({ ...BASE, ...changes }))
    if (value !== null) environ[key.replace(/^wsgi\./, "tsgi.")] = value;
  core.setupTestingDefaults(environ);
  // what a case takes away, the defaults must not bring back
  for (const [key, value] of Object.entries(changes ?? {})) if (value === null) delete environ[key];
  try {
    const { status, headers, body } = await core.call(app, environ);
    let text = "";
    for await (const chunk of body) text += typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
    const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
    return type === "application/x-fixture+json" ? { status, ...JSON.parse(text) } : { status, answered_by: null };
  } catch (error) {
    return { error: errorOf(error) };
  }
}

/** A request's body: one character a byte. */
function inputOf(text) {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  let at = 0;
  return {
    async read(size) {
      const part = bytes.slice(at, at + size);
      at += part.length;
      return part;
    },
    async *[Symbol.asyncIterator]() {
      if (at < bytes.length) yield bytes.slice(at);
      at = bytes.length;
    },
  };
}

/** What a failure is, for comparison: its category, and the text that must mention something. */
function errorOf(error) {
  if (typeof error?.category === "string") return { category: error.category, message: error.message };
  // an HTTP exception of an app
  if (typeof error?.status === "number") return { category: "other", message: error.message };
  return { category: error instanceof TypeError ? "type" : "value", message: String(error?.message) };
}

/**
 * Whether a result is the original's.
 *
 * @returns what differs, or "" when nothing does
 */
export function difference(op, want, got) {
  if ("error" in want !== "error" in got) return `${JSON.stringify(got)}; wanted: ${JSON.stringify(want)}`;
  if ("error" in want) {
    const missing = (op.mentions ?? []).filter((text) => !got.error.message.includes(text));
    if (want.error.category !== got.error.category)
      return `${got.error.category} (${got.error.message}); wanted: ${want.error.category}`;
    return missing.length === 0 ? "" : `${JSON.stringify(got.error.message)} does not mention ${missing.join(", ")}`;
  }
  const [a, b] = [want, got].map((result) => JSON.stringify(canonical(result)));
  return a === b ? "" : `${b}; wanted: ${a}`;
}

/** The order of keys says nothing; an exception's text in a response is its own. */
function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  if (typeof value.category === "string") return { category: value.category };
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
}
