import type { App, Server, ServerRunner } from "@tsgi/core";

// The end of a compiled program: what `tsgi serve` does, without a file.

interface Process {
  once(signal: string, listener: () => void): unknown;
  exit(status: number): never;
}

/**
 * Serves a compiled app until the process is told to end; then requests in flight may finish.
 *
 * @param runner what serves it: of a `[server:…]`, or an adapter's `serve`
 */
export async function serveApp(app: unknown, runner: unknown): Promise<void> {
  const server = (await (runner as ServerRunner)(app as App)) as Server | null | undefined;
  // a server_runner serves at once and may give nothing
  if (server === undefined || server === null) return;
  console.log(`serving on ${server.url}`);
  // Bun and Deno have it too
  const { process } = globalThis as unknown as { process: Process };
  const end = (): void => {
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, end);
}
