import * as module from "node:module";
import { load, sourceOf } from "./register-hooks.ts";

// `node --import @tsgi/deploy/register app.mjs`, `bun --preload @tsgi/deploy/register app.ts` and
// `deno run --preload npm:@tsgi/deploy/register app.ts`: `import app from "./app.ini"` gives the app, loaded as `loadApp`
// does.

interface BunBuilder {
  onLoad(filter: { filter: RegExp }, load: (args: { path: string }) => { contents: string; loader: "js" }): void;
}

interface BunPlugins {
  plugin(plugin: { name: string; setup(build: BunBuilder): void }): void;
}

const { Bun } = globalThis as { Bun?: BunPlugins };
// types of Node 20 do not know it; where it is, the hooks need no thread
const { registerHooks } = module as { registerHooks?: (hooks: { load: typeof load }) => void };

if (Bun !== undefined)
  Bun.plugin({
    name: "tsgi-ini",
    setup: (build) => build.onLoad({ filter: /\.ini$/ }, ({ path }) => ({ contents: sourceOf(path), loader: "js" })),
  });
else if (registerHooks !== undefined) registerHooks({ load });
else module.register("./register-hooks.js", import.meta.url);
