// Started in a process of its own by `runtimes()`, on Node, Bun and Deno:
//   serve <adapter> <app module> <options>   serves the module's default export and prints one line of JSON with its URL
//   guard <binary> <arguments...>            runs a binary that cannot watch its parent (workerd)
// Both end when standard input does: it closes with the parent, however that one died, so no server is left over.
import process from "node:process";

const [job, ...rest] = process.argv.slice(2);

function whenParentIsGone(action) {
  process.stdin.on("end", action);
  process.stdin.on("error", action);
  process.stdin.resume();
}

if (job === "serve") {
  const [adapter, appModule, given] = rest;
  const { serve } = await import(adapter);
  const loaded = await import(appModule);
  const options = { host: "127.0.0.1", port: 0, grace: 300, ...loaded.options, ...JSON.parse(given) };
  const server = await serve(loaded.default, options);
  whenParentIsGone(() => void server.close().finally(() => process.exit(0)));
  // on a line of its own, whatever the app has printed; in workerd's words
  console.log(`\n${JSON.stringify({ event: "listen", url: server.url })}`);
} else if (job === "guard") {
  const { spawn } = await import("node:child_process");
  const [binary, ...args] = rest;
  const child = spawn(binary, args, { stdio: ["ignore", "inherit", "inherit"] });
  child.on("exit", (code) => process.exit(code ?? 1));
  child.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
  });
  process.on("exit", () => child.kill("SIGKILL"));
  process.on("SIGTERM", () => process.exit(0));
  whenParentIsGone(() => process.exit(0));
} else {
  console.error("launch.mjs: serve or guard is wanted");
  process.exit(2);
}
