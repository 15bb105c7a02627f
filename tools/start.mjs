// `npm start`: builds the command (`--build`), and serves the wiki with it on one of the four runtimes, until Ctrl-C or SIGTERM. It is
// `tsgi serve examples/wiki/development.ini`; what else is said here goes to that command. On Workers, which run nothing
// but what was built for them, it is workers.ini, compiled, in workerd.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT, RUNTIMES, command, environment } from "./runtimes.mjs";

const USAGE = `usage: npm start -- [--runtime ${RUNTIMES.join("|")}] [--port N] [options of tsgi serve] [name=value...]`;
/** A runtime that has not ended by then is ended. */
const PATIENCE = 3000;

const { runtime, building, rest } = options(process.argv.slice(2));
let ending = false;
/** The one child of the moment: the build, then the runtime. */
let current;
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, end);

if (building) await build();
process.exit(await (runtime === "workers" ? serveWorker() : serve()));

/** Takes `--build` and `--runtime` out of the command line; the rest is the command's. */
function options(given) {
  const building = given.includes("--build");
  const args = given.filter((arg) => arg !== "--build");
  if (args.includes("--help") || args.includes("-h")) {
    console.log(USAGE);
    process.exit(0);
  }
  const at = args.findIndex((arg) => /^--runtime(?:=|$)/.test(arg));
  if (at < 0) return { runtime: "node", building, rest: args };
  const joined = args[at].startsWith("--runtime=");
  const runtime = joined ? args[at].slice("--runtime=".length) : args[at + 1];
  if (!RUNTIMES.includes(runtime))
    refuse(`--runtime ${JSON.stringify(runtime ?? "")} is none of ${RUNTIMES.join(", ")}`);
  return { runtime, building, rest: args.toSpliced(at, joined ? 1 : 2) };
}

function refuse(why) {
  console.error(`npm start: ${why}\n${USAGE}`);
  process.exit(2);
}

async function build() {
  const turbo = join(ROOT, "node_modules/turbo/bin/turbo");
  const child = spawn(process.execPath, [turbo, "run", "build", "--filter=tsgi", "--output-logs=errors-only"], {
    cwd: ROOT,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  // a first build takes half a minute, a later one half a second
  const patience = setTimeout(() => console.error("npm start: building"), 2000);
  const status = await ended(child);
  clearTimeout(patience);
  if (ending) process.exit(0);
  if (status === 0) return;
  console.error(`${output.trimEnd()}\nnpm start: the build failed`);
  process.exit(1);
}

async function serve() {
  const tsgi = command(runtime, join(ROOT, "packages/tsgi/dist/command.js"), "serve", "examples/wiki/development.ini");
  // else Deno warns, in the log, that its own signal also aborts after success; ours does not
  if (runtime === "deno") tsgi.args.splice(1, 0, "--unstable-no-legacy-abort");
  const child = spawn(tsgi.file, [...tsgi.args, ...rest], { cwd: ROOT, env: tsgi.env, stdio: "inherit" });
  const status = await ended(child);
  return ending ? 0 : status;
}

async function serveWorker() {
  const given = { port: "8080", pages: undefined };
  for (let i = 0; i < rest.length; i++) {
    const match = /^(?:--(port)|(pages)=(.*))$/.exec(rest[i]);
    if (match === null) refuse(`${rest[i]} means nothing on Workers: there are --port and pages=FOLDER`);
    given[match[1] ?? match[2]] = match[1] === undefined ? match[3] : rest[++i];
  }
  if (!/^[0-9]{1,5}$/.test(given.port) || Number(given.port) > 65535)
    refuse(`--port ${JSON.stringify(given.port)} is not a whole number from 0 to 65535`);
  // not before the build: it needs what is built
  const { startWorker } = await import("../examples/wiki/local/workerd.mjs");
  const worker = await startWorker({ port: Number(given.port), pages: given.pages });
  current = worker.child;
  if (ending) end();
  worker.child.stdout.pipe(process.stdout);
  try {
    console.log(`TSGI on workerd serves http://127.0.0.1:${await worker.port}/`);
    worker.child.stderr.pipe(process.stderr);
  } catch (error) {
    if (ending) return 0;
    const taken = /address already in use/i.test(error.message);
    console.error(
      `npm start: ${taken ? `port ${given.port} of 127.0.0.1 is taken; choose another with --port` : error.message}`,
    );
    return 1;
  }
  const status = await worker.exited;
  return ending ? 0 : (status ?? 1);
}

function ended(child) {
  current = child;
  return new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(`npm start: ${error.message}`);
      resolve(1);
    });
    child.once("close", (status) => resolve(status ?? 1));
  });
}

/** The child is asked to end, and waited for; asking again is harmless. */
function end() {
  ending = true;
  current?.kill("SIGTERM");
  setTimeout(() => current?.kill("SIGKILL"), PATIENCE).unref();
}
