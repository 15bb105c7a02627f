#!/usr/bin/env node
// The command `tsgi`: started by `npx tsgi`, `bunx --bun tsgi` and `deno run -A npm:tsgi`.
import process from "node:process";
import { main } from "./program.ts";
import { errorColors } from "./terminal.ts";

// a runtime that has nothing left to do ends, and says nothing of what it was waiting for
process.once("beforeExit", () => {
  const text = `${errorColors.bold(errorColors.red("tsgi:"))} nothing is left to wait for, and the command is not done: a promise of the app's never settles, one that a factory or a server gave, or that the top level of a module awaits\n`;
  process.stderr.write(text, () => process.exit(1));
});
// no await at the top level: Bun would stay for ever, and Deno end with a stack of this file
void main(process.argv.slice(2)).then(async (status) => {
  // what the app has left running, a timer, a pool of connections, does not keep a command that is done
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((flushed) => stream.write("", flushed))),
  );
  process.exit(status);
});
