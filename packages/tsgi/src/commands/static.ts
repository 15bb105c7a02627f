import { resolve } from "node:path";
import { UsageError } from "../failure.ts";
import { listening } from "../listening.ts";
import { ownServer } from "../server.ts";
import { addressesOf, checkAddress } from "../server-settings.ts";
import { untilSignal } from "../signals.ts";
import { outliveReader, print, shown, type Loudness } from "../terminal.ts";

export interface StaticOptions extends Loudness {
  bind: string;
  port: string;
}

/** `tsgi static`: the files of a folder, with listings, as `python -m http.server` serves them. */
export async function serveStatic(folder: string, { bind, port, quiet = false }: StaticOptions): Promise<number> {
  checkAddress({ port });
  outliveReader();
  const { staticFiles } = await import("@tsgi/middleware/static");
  const root = resolve(folder);
  let app;
  try {
    app = staticFiles({ document_root: root, listing: true });
  } catch {
    throw new UsageError(`${shown(root)} is no folder`);
  }
  if (!quiet) {
    const { accessLog } = await import("@tsgi/middleware/access-log");
    app = accessLog({ format: "common", to: "-" })(app);
  }
  const serve = await ownServer();
  const listen = addressesOf(serve.settings, { host: bind, port });
  const server = await listening(listen, async () => serve(app, { listen }));
  if (!quiet) print(`Serving ${shown(root)} at ${server.url}/ (Ctrl-C ends it)`);
  await untilSignal();
  await server.close();
  return 0;
}
