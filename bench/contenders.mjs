// Who is measured where. The files are servers/RUNTIME/SERVER.mjs, .py for Python's.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { command, environment, ROOT } from "../tools/runtimes.mjs";

export const BENCH = fileURLToPath(new URL(".", import.meta.url));
export const RUNTIMES = ["node", "bun", "deno", "workerd"];

/**
 * The servers of each runtime, with the package whose version is told; bare is the runtime itself, floor what the contract
 * alone costs there.
 */
export const SERVERS = {
  node: {
    bare: undefined,
    tsgi: "tsgi",
    floor: undefined,
    hono: "@hono/node-server",
    srvx: "srvx",
    "srvx-fast": "srvx",
    fastify: "fastify",
    "whatwg-node": "@whatwg-node/server",
    hattip: "@hattip/adapter-node",
    koa: "koa",
    express: "express",
  },
  bun: { bare: undefined, tsgi: "tsgi", floor: undefined, hono: "hono", srvx: "srvx", elysia: "elysia" },
  // oak and std are on JSR; what npm has of oak is made for Node, and Deno.serve refuses its Response
  deno: { bare: undefined, tsgi: "tsgi", floor: undefined, hono: "hono", srvx: "srvx" },
  workerd: { bare: undefined, tsgi: "tsgi", floor: undefined, hono: "hono" },
};

const FLOOR = ["hello", "json", "route", "stream", "upload", "download", "idle", "fetch"];

/** What the floor can answer: it is no whole server, and on Node it makes no Request. */
export function isOnFloor(workload, runtime) {
  return FLOOR.includes(workload) && (workload !== "fetch" || runtime !== "node");
}

/** Python's WSGI and ASGI servers, beside Node's for hello. They come from the system. */
export const PYTHON = ["waitress", "gunicorn", "uvicorn"];

/** Every name that `--servers` knows. */
export const ALL_SERVERS = [...new Set([...Object.values(SERVERS).flatMap(Object.keys), ...PYTHON])];

const PYTHON_BINARY = "/usr/bin/python3";

/** A server's program; for `start` one that has nothing else in it. */
export const serverFile = (runtime, server, workload) =>
  join(BENCH, "servers", runtime, workload === "start" ? "start" : "", `${server}.mjs`);

/** How a server is started; workerd's has to be bundled first, by `launch`. */
export function commandOf(runtime, server, workload, option, node) {
  if (PYTHON.includes(server))
    return { file: PYTHON_BINARY, args: [join(BENCH, "servers/python", `${server}.py`)], env: environment() };
  const { file, args, env } = command(runtime, serverFile(runtime, server, workload), workload, option);
  return { file: runtime === "node" ? (node ?? file) : file, args, env };
}

/** The version of a server's package, or undefined for the runtime alone. */
export function versionOf(runtime, server, nodeMajor) {
  if (server === "tsgi") return packageVersion(join(ROOT, "packages/core"));
  let name = SERVERS[runtime][server];
  if (name === "@whatwg-node/server" && nodeMajor >= 24) name += "-0.13";
  return name === undefined ? undefined : packageVersion(join(BENCH, "node_modules", name));
}

function packageVersion(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}

/** Python's servers that are installed, with their versions. */
export async function pythonServers() {
  if (!existsSync(PYTHON_BINARY)) return {};
  const code =
    "import importlib.metadata as m\nfor n in ['waitress','gunicorn','uvicorn']:\n try: print(n, m.version(n))\n except Exception: pass";
  const lines = (await promisify(execFile)(PYTHON_BINARY, ["-c", code])).stdout.trim().split("\n");
  return Object.fromEntries(lines.filter(Boolean).map((line) => line.split(" ")));
}
