import { basename, resolve } from "node:path";
import process from "node:process";
import type { BuildTarget } from "../bundle.ts";
import { UsageError, describe } from "../failure.ts";
import { untilSignal } from "../signals.ts";
import { targetOf, type ConfigTarget } from "../target.ts";
import { errorColors, say, shown, type Loudness } from "../terminal.ts";
import { variablesOf } from "../variables.ts";
import { warn } from "../warnings.ts";
import { checkSource, write } from "../write.ts";

export interface BuildOptions extends Loudness {
  appName?: string;
  target: BuildTarget;
  out: string;
  entry?: boolean;
  serverName?: string;
  nodejsCompat?: boolean;
  bundle?: boolean;
  watch?: boolean;
}

/** `tsgi build`: compiles what a file composes to one module, and its source map. */
export async function build(name: string, variables: readonly string[], options: BuildOptions): Promise<number> {
  const target = targetOf(name);
  if (target.kind !== "config")
    throw new UsageError(`${name} is a module: what is compiled is an INI file; a module is served as it is`);
  const globalConf = variablesOf(variables);
  if (options.watch !== true) {
    await once(target, options, globalConf);
    return 0;
  }
  await keepBuilding(target, options, globalConf);
  return 0;
}

/** @returns the files that were read */
async function once(
  target: ConfigTarget,
  options: BuildOptions,
  globalConf: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const { appName, target: platform, out, entry = false, serverName, nodejsCompat, quiet } = options;
  const { compile } = await import("@tsgi/deploy/compile");
  const file = resolve(out);
  const { code, map, files, modules, warnings } = await compile(target.uri, {
    name: appName,
    target: platform,
    out: file,
    entry,
    server: serverName,
    nodejsCompat,
    relativeTo: process.cwd(),
    globalConf,
  });
  for (const each of [file, `${file}.map`]) checkSource(each, [...files, ...modules], `--out ${out}`, "compiled");
  await write(file, `${code}\n//# sourceMappingURL=${basename(file)}.map\n`);
  await write(`${file}.map`, typeof map === "string" ? map : JSON.stringify(map));
  if (options.bundle === true) {
    const builtins = ["node", "bun", "deno"].includes(platform) || nodejsCompat === true;
    await (await import("../bundle.ts")).bundle(file, platform, builtins);
  }
  if (quiet !== true) {
    warn(warnings);
    say(`wrote ${shown(file)} (${platform})`);
  }
  return files;
}

/** Builds at every change, until a signal comes; a build that fails says why, and the next change may mend it. */
async function keepBuilding(
  target: ConfigTarget,
  options: BuildOptions,
  globalConf: Readonly<Record<string, string>>,
): Promise<void> {
  const { watching } = await import("../reload/watch.ts");
  let files: readonly string[] = target.file === undefined ? [] : [target.file];
  let turn: Promise<void> = Promise.resolve();
  const again = (): Promise<void> => (turn = turn.then(rebuild));
  const watch = (): Promise<() => Promise<void>> =>
    watching({ files, globs: [], ignore: [resolve(options.out)] }, () => void again());
  const rebuild = async (): Promise<void> => {
    try {
      const before = files;
      files = await once(target, options, globalConf);
      if (before.join("\n") === files.join("\n")) return;
      const former = unwatch;
      unwatch = await watch();
      await former();
    } catch (error) {
      say(`${errorColors.red("tsgi:")} ${await describe(error)}`);
    }
  };
  // first, so that no change falls between a build and the watch for the next
  let unwatch = await watch();
  await again();
  await untilSignal();
  await unwatch();
  await turn;
}
