#!/usr/bin/env node
// The command `tsgi`: started by `npx tsgi`, `bunx --bun tsgi` and `deno run -A npm:tsgi`.
import process from "node:process";
import { main } from "./program.ts";

const status = await main(process.argv.slice(2));
// what the app has left running, a timer, a pool of connections, does not keep a command that is done
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((flushed) => stream.write("", flushed))),
);
process.exit(status);
