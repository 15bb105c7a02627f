import type { App, Server } from "@tsgi/core";
import type { ServeOptions } from "@tsgi/core/adapter";
import { served } from "./served.ts";

/** How long an answer may take once the server is asked to end; the clock would go on for ever. */
const GRACE = 1000;

/**
 * Serves the tour until the process is told to end; `serve` is the one of the runtime that runs this. The port is the
 * program's first argument.
 */
export async function run(serve: (app: App, options: ServeOptions) => Promise<Server>): Promise<void> {
  const port = Number(process.argv[2] ?? 8080);
  let server: Server;
  try {
    server = await serve(served, { port, grace: GRACE });
  } catch (error) {
    console.error(`hello: ${whyNot(error, port)}`);
    process.exit(1);
  }
  console.log(`Serving the hello tour at ${server.url}/ (stop with Ctrl-C)`);
  let ending = false;
  const end = (): void => {
    // a terminal sends Ctrl-C to the whole group, and the program that started this one passes it on
    if (ending) return;
    ending = true;
    // a moment for the log lines of what was cut
    void server.close().then(() => setTimeout(() => process.exit(0), 50));
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
}

function whyNot(error: unknown, port: number): string {
  const { code, name, message } = error as { code?: string; name?: string; message?: string };
  if (code === "EADDRINUSE" || name === "AddrInUse")
    return `port ${port} of 127.0.0.1 is taken; choose another with --port`;
  return `cannot listen on port ${port} of 127.0.0.1: ${message ?? String(error)}`;
}
