import { validator, type App } from "@tsgi/core";
import type { Node } from "@tsgi/deploy";
import { accessLog, errorPage } from "@tsgi/middleware";

/**
 * What `--dev` puts around an app: the validator, a page that shows errors, and a line for each request, unless the
 * composition has one that writes it.
 */
export function developing(app: App, composition: Node | undefined): App {
  const shown = errorPage({})(validator(app));
  return composition !== undefined && hasLog(composition) ? shown : accessLog({})(shown);
}

function hasLog(node: Node): boolean {
  switch (node.type) {
    case "pipeline":
      return [...node.filters, node.app].some(hasLog);
    case "filter_app":
      return hasLog(node.filter) || hasLog(node.next);
    case "filtered_with":
      return hasLog(node.filter) || hasLog(node.inner);
    case "existing":
      return false;
    case "factory":
      // around a part of a composite it writes of that part alone
      return node.kind === "filter" && /\b(?:access-log|translogger)$/.test(node.reference.written);
  }
}
