// `npm start --workspace @tsgi/example-hello`: serves the tour on one of the four runtimes, until Ctrl-C or SIGTERM.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ROOT, RUNTIMES, command, environment, startWorkerd } from "../../tools/runtimes.mjs";

const USAGE = `usage: npm start -- [--runtime ${RUNTIMES.join("|")}] [--port N]`;
/** A runtime that has not ended by then is ended. */
const PATIENCE = 2000;

const { runtime, port, build } = options();
let ending = false;
/** The one child of the moment: the build, then the runtime. */
let current;
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, end);

if (build) await run("the build", buildCommand(), false);
const status = runtime === "workers" ? await serveWorker() : await serveProgram();
process.exit(ending ? 0 : status);

/** What the command line says. One that cannot be read is answered with a line and the usage, and exit status 2. */
function options() {
  let given;
  try {
    given = parseArgs({
      options: {
        runtime: { type: "string", default: "node" },
        port: { type: "string", default: "8080" },
        build: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    return refuse(error.message.split(/[\n.]/, 1)[0]);
  }
  if (given.help) {
    console.log(USAGE);
    process.exit(0);
  }
  if (!RUNTIMES.includes(given.runtime))
    return refuse(`--runtime ${JSON.stringify(given.runtime)} is none of ${RUNTIMES.join(", ")}`);
  if (!/^[0-9]{1,5}$/.test(given.port) || Number(given.port) > 65535)
    return refuse(`--port ${JSON.stringify(given.port)} is not a whole number from 0 to 65535`);
  return { ...given, port: Number(given.port) };
}

function refuse(why) {
  console.error(`hello: ${why}\n${USAGE}`);
  process.exit(2);
}

function buildCommand() {
  const turbo = join(ROOT, "node_modules/turbo/bin/turbo");
  const args = ["run", "build", "--filter=@tsgi/example-hello", "--output-logs=errors-only"];
  return { file: process.execPath, args: [turbo, ...args], env: environment() };
}

function built(name) {
  return fileURLToPath(new URL(`dist/${name}.js`, import.meta.url));
}

async function serveProgram() {
  const program = command(runtime, built(runtime), String(port));
  // else Deno warns, in the log, that its own signal also aborts after success; ours does not
  if (runtime === "deno") program.args.splice(1, 0, "--unstable-no-legacy-abort");
  return run(runtime, program, true);
}

/** Runs a child to its end; its output is ours, save that of a build that went well. */
async function run(name, { file, args, env }, loud) {
  const child = spawn(file, args, {
    cwd: ROOT,
    env,
    stdio: ["ignore", loud ? "inherit" : "pipe", loud ? "inherit" : "pipe"],
  });
  current = child;
  let output = "";
  const collect = (chunk) => (output += chunk);
  // a first build takes half a minute, a later one half a second
  const patience = loud ? undefined : setTimeout(() => console.error(`hello: waiting for ${name}`), 2000);
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  const code = await new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(`hello: cannot start ${name}: ${error.message}`);
      resolve(1);
    });
    child.once("close", (status) => resolve(status ?? 1));
  });
  clearTimeout(patience);
  if (ending) process.exit(0);
  if (!loud && code !== 0) {
    console.error(`${output.trimEnd()}\nhello: ${name} failed`);
    process.exit(1);
  }
  return code;
}

async function serveWorker() {
  const worker = await startWorkerd(built("worker"), { port });
  current = worker.child;
  if (ending) end();
  worker.child.stdout.pipe(process.stdout);
  try {
    console.log(`Serving the hello tour at http://127.0.0.1:${await worker.port}/ (stop with Ctrl-C)`);
    worker.child.stderr.pipe(process.stderr);
  } catch (error) {
    if (ending) return 0;
    const taken = /address already in use/i.test(error.message);
    console.error(
      `hello: ${taken ? `port ${port} of 127.0.0.1 is taken; choose another with --port` : error.message.split("\n", 1)[0]}`,
    );
    return 1;
  }
  return (await worker.exited) ?? 1;
}

/** The child is asked to end, and waited for; asking again is harmless. */
function end() {
  ending = true;
  current?.kill("SIGTERM");
  setTimeout(() => current?.kill("SIGKILL"), PATIENCE).unref();
}
