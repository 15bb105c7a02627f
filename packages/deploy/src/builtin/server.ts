import type { ServerRunner } from "@tsgi/core";
import { SERVER_SCHEMA } from "@tsgi/core/settings";
import { ConfigError } from "../error.ts";
import type { Strings } from "./types.ts";

/** `[server:main] use = tsgi`: the server of the runtime that runs. Its settings are the same on each. */
export async function factory(globalConf: Strings, localConf: Strings): Promise<ServerRunner> {
  const { main } = await adapter();
  return main.factory(globalConf, localConf);
}

type Adapter = typeof import("@tsgi/node/factory");

function adapter(): Promise<Adapter> {
  // Bun and Deno have a process too, so that Node comes last
  if ("Bun" in globalThis) return import("@tsgi/bun/factory");
  if ("Deno" in globalThis) return import("@tsgi/deno/factory");
  if (typeof navigator === "object" && navigator.userAgent === "Cloudflare-Workers")
    return import("@tsgi/workers/factory" as "@tsgi/node/factory");
  if ("process" in globalThis) return import("@tsgi/node/factory");
  throw new ConfigError("lookup", "no server is known for this runtime; name one, such as npm:@tsgi/node#main");
}

/** For whoever checks a file without making anything of it. */
factory.settings = SERVER_SCHEMA;
