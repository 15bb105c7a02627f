import { isBuiltin } from "node:module";
import { ConfigError, type Place } from "../error.ts";
import { findPackage, packageNameOf } from "../packages.ts";
import { quote } from "../quote.ts";
import type { ModuleReference, Node, Reference } from "../tree.ts";
import type { CompiledModule } from "./module.ts";

/** What a compiled app is for; `fetch` is whatever calls a handler with a Request. */
export const TARGETS = ["workers", "node", "bun", "deno", "fetch"] as const;

export type Target = (typeof TARGETS)[number];

/** How the environment is read: an expression `(name) => value`. */
export function environmentOf(target: Target, module: CompiledModule): string {
  switch (target) {
    case "workers":
      return `(name) => ${module.native("cloudflare:workers", "env")}[name]`;
    case "deno":
      return "(name) => Deno.env.get(name)";
    case "bun":
      return "(name) => Bun.env[name]";
    case "node":
      return `(name) => ${module.native("node:process", "default", "process")}.env[name]`;
    case "fetch":
      return "(name) => globalThis.process?.env?.[name]";
  }
}

/** By which conditions a target chooses among a package's exports, as its runtime or Wrangler does. */
export function conditionsOf(target: Target): readonly string[] {
  switch (target) {
    case "workers":
      return ["workerd", "worker", "browser", "import", "default"];
    case "bun":
    case "deno":
      return [target, "node", "import", "default"];
    case "node":
      return ["node", "import", "module-sync", "default"];
    case "fetch":
      return ["import", "default"];
  }
}

/** The options of a target that say what it has. */
export interface Abilities {
  readonly target: Target;
  /** Whether the Worker has the compatibility flag `nodejs_compat`. */
  readonly nodejsCompat: boolean;
}

/**
 * Refuses what cannot be on a target, while there is a line to tell.
 *
 * @throws ConfigError (import)
 */
export function refuseForTarget(node: Node, { target, nodejsCompat }: Abilities): void {
  if (node.type !== "factory" && node.type !== "existing") return;
  const { reference } = node;
  const place: Place = { at: reference.at ?? node.at, section: node.section };
  if (reference.from === "module" && target !== "deno" && isNowhere(reference))
    throw new ConfigError(
      "import",
      `cannot import ${quote(reference.written)}: there is no package ${quote(packageNameOf(reference.specifier)!)}, and no such file beside the configuration`,
      place,
    );
  if (target !== "workers") return;
  if (isStatic(reference))
    throw new ConfigError(
      "import",
      `${reference.written} serves files, and a Worker has none; write 'assets' in wrangler.jsonc, or build for node, bun or deno`,
      place,
    );
  if (nodejsCompat) return;
  if (node.type === "existing" && node.form === "listener")
    throw new ConfigError(
      "import",
      `tsgi.listener = ${reference.written} is made for node:http, which a Worker has only with the compatibility flag nodejs_compat; say --nodejs-compat (nodejsCompat: true) when it is set`,
      place,
    );
  if (reference.from === "module" && reference.specifier.startsWith("node:"))
    throw new ConfigError(
      "import",
      `${reference.written} is a module of Node, which a Worker has only with the compatibility flag nodejs_compat`,
      place,
    );
}

/** Whether a package is neither installed nor a module of Node; on Deno it may stand in an import map. */
function isNowhere({ specifier, base }: ModuleReference): boolean {
  const name = packageNameOf(specifier);
  return (
    name !== undefined && !isBuiltin(specifier) && !("Deno" in globalThis) && findPackage(name, base) === undefined
  );
}

function isStatic(reference: Reference): boolean {
  if (reference.from === "builtin") return reference.name === "static";
  return reference.specifier === "@tsgi/middleware/static";
}
