import type { CompiledModule } from "./module.ts";
import type { Target } from "./target.ts";

/** What the module exports of its parts. */
export interface Exported {
  readonly target: Target;
  /** A whole worker or server. */
  readonly entry: boolean;
  /** The function of the app, and of the server, if the file has one. */
  readonly app: string;
  readonly server: string | undefined;
  /** Whether a part is a listener. */
  readonly listener: boolean;
}

const ADAPTERS = { workers: "@tsgi/workers", node: "@tsgi/node", bun: "@tsgi/bun", deno: "@tsgi/deno" } as const;

/** Writes the end of the module: the app, constructed at its first request, or what serves it. */
export function writeExports(module: CompiledModule, { target, entry, app, server, listener }: Exported): void {
  const { body } = module;
  const construct = module.runtime("construct");
  const given = listener ? `, { ${property("fromListener", module.own("@tsgi/node", "fromListener"))} }` : "";
  const lazy = (): string => `${module.runtime("lazyApp")}(() => ${construct}(${app}${given}))`;
  body.add("");
  if (!entry) body.add(`export default ${lazy()};`);
  else if (target === "workers") body.add(`export default ${module.own(ADAPTERS.workers, "toWorker")}(${lazy()});`);
  else if (target === "fetch") body.add(`export default { fetch: ${module.own("@tsgi/core", "toFetch")}(${lazy()}) };`);
  else {
    // a server that cannot start says so at once, so nothing here waits for a request
    const runner = server === undefined ? module.own(ADAPTERS[target], "serve") : `await ${construct}(${server})`;
    body.add(`await ${module.runtime("serveApp")}(await ${construct}(${app}${given}), ${runner});`);
  }
}

function property(name: string, value: string): string {
  return name === value ? name : `${name}: ${value}`;
}
