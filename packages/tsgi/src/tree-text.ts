import type { Conf, Node, Position, Reference } from "@tsgi/deploy";
import { colors as plainColors, shown } from "./terminal.ts";

// A composition as text: one line a part, its children below it in the order in which a request meets them.

/** A part of a composition as people see it: what a line of the tree, or a box of the picture, says. */
export interface Part {
  /** How it hangs on the part above: the path of a urlmap, `next`, `filter`. */
  readonly edge: string;
  readonly title: string;
  /** What it is made of: `./app.ts:makeApp`, `urlmap`. */
  readonly made: string;
  readonly at: Position | undefined;
  readonly settings: Conf | undefined;
  readonly children: readonly Part[];
}

/** The parts of a tree. A part that stands in several places is shown in each. */
export function partsOf(node: Node, edge = ""): Part {
  const title = node.section ?? (node.name === "" ? "" : node.name);
  const base = { edge, title, at: node.at };
  switch (node.type) {
    case "factory":
      return {
        ...base,
        made: writtenAs(node.reference),
        settings: node.localConf,
        children: Object.entries(node.children ?? {}).map(([key, child]) => partsOf(child, key)),
      };
    case "existing":
      return { ...base, made: `${node.reference.written} (tsgi.${node.form})`, settings: node.localConf, children: [] };
    case "pipeline":
      return {
        ...base,
        made: "",
        settings: undefined,
        children: [...node.filters.map((filter) => partsOf(filter, "filter")), partsOf(node.app, "app")],
      };
    case "filter_app":
      return {
        ...base,
        made: "",
        settings: undefined,
        children: [partsOf(node.filter, "filter"), partsOf(node.next, "next")],
      };
    case "filtered_with":
      return {
        ...base,
        title: "",
        made: "filter-with",
        settings: undefined,
        children: [partsOf(node.filter, "filter"), partsOf(node.inner, node.kind)],
      };
  }
}

function writtenAs({ written }: Reference): string {
  return written;
}

/** Where something stands, relative to the working directory: `app.ini:3:1`. */
export function placeOf(at: Position): string {
  return `${shown(at.file)}:${at.line}:${at.column}`;
}

export interface TreeOptions {
  /** Adds what each part receives, with the place that every setting came from. */
  settings?: boolean;
  colors?: typeof plainColors;
}

/** A tree as lines of text. */
export function treeLines(part: Part, { settings = false, colors = plainColors }: TreeOptions = {}): string[] {
  const lines: string[] = [];
  const walk = (here: Part, own: string, below: string): void => {
    const words = [
      here.edge === "" ? "" : colors.cyan(here.edge),
      here.title === "" ? "" : colors.bold(`[${here.title}]`),
      here.made,
      here.at === undefined ? "" : colors.dim(placeOf(here.at)),
    ];
    lines.push(own + words.filter((word) => word !== "").join("  "));
    if (settings && here.settings !== undefined) {
      const bar = below + (here.children.length > 0 ? "│     " : "      ");
      for (const line of settingLines(here.settings, colors)) lines.push(bar + line);
    }
    here.children.forEach((child, index) => {
      const last = index === here.children.length - 1;
      walk(child, below + (last ? "└─ " : "├─ "), below + (last ? "   " : "│  "));
    });
  };
  walk(part, "", "");
  return lines;
}

function settingLines({ values, origins }: Conf, colors: typeof plainColors): string[] {
  return Object.keys(values).map((key) => {
    const from = Object.hasOwn(origins, key) ? placeOf(origins[key]) : "from outside";
    // a value of several lines stays on one, so that the tree keeps its shape
    return `${key} = ${values[key].replaceAll("\n", "\\n")}  ${colors.dim(from)}`;
  });
}
