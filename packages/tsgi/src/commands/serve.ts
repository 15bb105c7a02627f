import { UsageError } from "../failure.ts";
import { load, plan, type Plan, type ServeCommandOptions } from "../job.ts";
import { role } from "../reload/child.ts";
import { runningVersion } from "../runtime.ts";
import { untilSignal } from "../signals.ts";
import { targetOf } from "../target.ts";
import { outliveReader, print } from "../terminal.ts";
import { removeStale } from "../unix-socket.ts";

/**
 * `tsgi serve`: loads what the file composes and serves it until SIGINT or SIGTERM, then lets requests in flight finish.
 *
 * @param args the command's own arguments, for the processes that it starts
 * @returns the exit status
 */
export async function serve(
  name: string | undefined,
  assignments: readonly string[],
  options: ServeCommandOptions,
  args: readonly string[],
): Promise<number> {
  if (name === undefined && options.eval === undefined)
    throw new UsageError("You must give a config file: an INI file, a module with an app, or -e CODE");
  outliveReader();
  const target = name === undefined ? undefined : targetOf(name);
  const quiet = options.quiet === true;
  const inside = role();
  if (options.reload === true && inside === undefined) {
    const { supervise } = await import("../reload/supervisor.ts");
    const files = target?.file === undefined ? [] : [target.file];
    return supervise({ args, watched: { files, globs: [], ignore: [] }, quiet, open: options.open === true });
  }
  const planned = await plan(target, assignments, options);
  const { server } = planned;
  if (inside !== undefined) return (await import("../serve-inside.ts")).serveInside(planned, inside);
  for (const address of server.addresses ?? []) await removeStale(address);
  if (server.workers !== 1) {
    const { processesFor, serveWith } = await import("../processes.ts");
    const count = processesFor(server.workers, quiet);
    if (count > 1) return serveWith(count, args, server.addresses ?? [], quiet);
  }
  return serveHere(planned);
}

async function serveHere(planned: Plan): Promise<number> {
  const { options, server, settings } = planned;
  const { app, overrides, tree } = await load(planned);
  const served = await server.start(app, overrides);
  const urls = served.urls ?? [served.url];
  if (options.quiet !== true) {
    print(`TSGI on ${runningVersion()} serves ${urls.map((url) => `${url}/`).join(" ")}`);
    for (const line of tree) print(line);
  }
  if (options.open === true || settings.openUrl !== undefined) {
    const { openInBrowser } = await import("../open.ts");
    void openInBrowser(settings.openUrl ?? `${urls[0]}/`);
  }
  await untilSignal();
  await served.close();
  for (const address of server.addresses ?? []) await removeStale(address);
  return 0;
}
