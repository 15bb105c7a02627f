import type { Bindings, Middleware } from "@tsgi/core";
import "../contract.ts";
import type { Store } from "./store.ts";

/** A filter that tells the apps behind it where the pages are, what the wiki is called, and where it begins. */
export function withWiki(title: string, storeOf: (bindings: Bindings) => Store): Middleware {
  return (app) => (environ, startResponse) => {
    environ.wiki = { store: storeOf(environ["tsgi.bindings"]), title, root: environ.SCRIPT_NAME };
    return app(environ, startResponse);
  };
}
