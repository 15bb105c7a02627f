import type { Defined, ServerRunner } from "@tsgi/core";
import { serverFactory, type ServerInput } from "@tsgi/core/settings";
import { serve } from "@tsgi/deno";

declare const Deno: { readTextFile(path: string): Promise<string> };

/**
 * Deno's server for a configuration file: `use = npm:@tsgi/deno#main`. `access_log` needs `@tsgi/middleware`.
 *
 * @example const server = await main({ port: "8080", grace: "30s" })(app);
 */
export const main: Defined<ServerInput, ServerRunner> = serverFactory({
  serve,
  readText: (path) => Deno.readTextFile(path),
  accessLog: async (settings) => (await import("@tsgi/middleware/access-log")).accessLog(settings),
});
