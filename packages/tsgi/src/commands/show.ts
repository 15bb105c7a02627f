import { resolve } from "node:path";
import { contextOf } from "../composition.ts";
import { UsageError } from "../failure.ts";
import { colors, print, say, shown } from "../terminal.ts";
import { targetOf } from "../target.ts";
import { partsOf, treeLines } from "../tree-text.ts";
import { variablesOf } from "../variables.ts";
import { warn } from "../warnings.ts";
import { checkSource, write } from "../write.ts";

export interface ShowOptions {
  appName?: string;
  json?: boolean;
  svg?: string;
  envFile?: string[];
}

/**
 * `tsgi show`: the composition as a tree, with the settings that each part receives and where they came from. Nothing of
 * it is imported.
 */
export async function show(name: string, variables: readonly string[], options: ShowOptions): Promise<number> {
  const target = targetOf(name);
  if (target.kind !== "config")
    throw new UsageError(`${name} is a module: only what an INI file composes can be shown`);
  const context = await contextOf(target, { ...options, globalConf: variablesOf(variables) });
  if (options.svg !== undefined) {
    checkSource(options.svg, context.files, `--svg ${options.svg}`, "shown");
    const { svgOf } = await import("../tree-graph.ts");
    await write(resolve(options.svg), await svgOf(partsOf(context.node)));
    say(`wrote ${shown(resolve(options.svg))}`);
  }
  if (options.json === true) print(JSON.stringify({ files: context.files, tree: context.node }, null, 2));
  else if (options.svg === undefined) {
    for (const line of treeLines(partsOf(context.node), { settings: true, colors })) print(line);
    const global = Object.entries(context.globalConf);
    if (global.length > 0) print(`\n${colors.bold("[DEFAULT]")}  every part also receives`);
    for (const [key, value] of global) print(`      ${key} = ${value.replaceAll("\n", "\\n")}`);
  }
  warn(context.warnings);
  return 0;
}
