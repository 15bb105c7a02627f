import type { Node, Position } from "@tsgi/deploy";
import { contextOf } from "../composition.ts";
import { UsageError } from "../failure.ts";
import { targetOf } from "../target.ts";
import { colors, print } from "../terminal.ts";
import { placeOf } from "../tree-text.ts";
import { variablesOf } from "../variables.ts";

export interface RoutesOptions {
  appName?: string;
  json?: boolean;
  envFile?: string[];
}

/** Where requests of a path end up. */
export interface Route {
  /** What `[composite:main]` calls it, with the mounts around it: `/api/v1`, `domain wiki.example /`. */
  readonly path: string;
  /** The section, `app:wiki`. */
  readonly section: string;
  readonly made: string;
  /** The filters on the way, outermost first. */
  readonly filters: readonly string[];
  readonly at: Position | undefined;
}

/** `tsgi routes`: which path leads to which app, and through which filters. */
export async function routes(name: string, variables: readonly string[], options: RoutesOptions): Promise<number> {
  const target = targetOf(name);
  if (target.kind !== "config") throw new UsageError(`${name} is a module: only what an INI file composes has routes`);
  const { node } = await contextOf(target, { ...options, globalConf: variablesOf(variables) });
  const found = routesOf(node);
  if (options.json === true) print(JSON.stringify(found, null, 2));
  else for (const line of table(found)) print(line);
  return 0;
}

/** The routes of a composition, in the order of the file; those of a cascade share their path and are tried in order. */
export function routesOf(node: Node, path = "/", filters: readonly string[] = []): Route[] {
  switch (node.type) {
    case "factory": {
      const children = Object.entries(node.children ?? {});
      if (children.length === 0) return [routeTo(node, node.reference.written, path, filters)];
      return children.flatMap(([key, child]) => routesOf(child, joined(path, key), filters));
    }
    case "existing":
      return [routeTo(node, node.reference.written, path, filters)];
    case "pipeline":
      return routesOf(node.app, path, [...filters, ...node.filters.map(titleOf)]);
    case "filter_app":
      return routesOf(node.next, path, [...filters, titleOf(node.filter)]);
    case "filtered_with":
      return routesOf(node.inner, path, [...filters, titleOf(node.filter)]);
  }
}

function routeTo(node: Node, made: string, path: string, filters: readonly string[]): Route {
  return { path, section: node.section ?? "", made, filters, at: node.at };
}

function titleOf(node: Node): string {
  if (node.type === "filtered_with") return `${titleOf(node.filter)} ${titleOf(node.inner)}`;
  return node.name === "" && (node.type === "factory" || node.type === "existing") ? node.reference.written : node.name;
}

/** A mount inside a mount; the keys of a cascade (`app1`, `catch`) and of a urlmap's settings are no paths. */
function joined(outer: string, key: string): string {
  const [, before, path] = /^((?:[^/]*\s)?)(\/.*|)$/.exec(key) ?? [];
  const slash = key.indexOf("/");
  if (slash === -1) {
    if (/^(?:domain|port)\s/.test(key)) return `${key} ${outer}`;
    return key === "not_found_app" ? `${outer === "/" ? "" : outer}/* (not found)` : outer;
  }
  const inner = (path ?? key.slice(slash)).replace(/\/+$/, "");
  const whole = `${outer === "/" ? "" : outer}${inner}`;
  return `${before ?? key.slice(0, slash)}${whole === "" ? "/" : whole}`;
}

function table(found: readonly Route[]): string[] {
  const rows = found.map(({ path, section, made, filters, at }) => ({
    path,
    app: section === "" ? made : `[${section}]`,
    made: section === "" ? "" : made,
    filters: filters.length === 0 ? "" : `through ${filters.join(", ")}`,
    at: at === undefined ? "" : placeOf(at),
  }));
  const width = (key: "path" | "app" | "made"): number => Math.max(0, ...rows.map((row) => row[key].length));
  const [path, app, made] = [width("path"), width("app"), width("made")];
  return rows.map((row) =>
    [
      colors.cyan(row.path.padEnd(path)),
      colors.bold(row.app.padEnd(app)),
      row.made.padEnd(made),
      row.filters,
      colors.dim(row.at),
    ]
      .filter((cell) => cell !== "")
      .join("  ")
      .trimEnd(),
  );
}
