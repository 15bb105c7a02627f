import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { FileScope, fromUri } from "../context.ts";
import type { Strings } from "../construct.ts";
import { ConfigError, type Warning } from "../error.ts";
import { Finisher } from "../finish.ts";
import { given } from "../load.ts";
import { quote } from "../quote.ts";
import { Session } from "../session.ts";
import type { Kind, Node } from "../tree.ts";
import { folderOf } from "../uri.ts";
import { Deferred } from "./deferred.ts";
import { writeExports } from "./exports.ts";
import { CompiledModule } from "./module.ts";
import { Parts } from "./parts.ts";
import { pathFrom } from "./specifier.ts";
import { environmentOf, TARGETS, type Target } from "./target.ts";
import type { SourceMap } from "./writer.ts";

export type { SourceMap, Target };

/** Options of `compile`. */
export interface CompileOptions {
  target: Target;
  /** The file that the module is meant for: its imports start from there. Relative to the working directory. */
  out: string;
  /** The object's name; it beats the `#name` of the URI. Default `main`. */
  name?: string | undefined;
  /** A whole worker or server in place of a module whose default export is the app. Default false. */
  entry?: boolean | undefined;
  /** The name of the `[server:…]` that an entry serves with. Default `main`; without such a section the target's own. */
  server?: string | undefined;
  /** The folder that a relative path starts from: a path, a URL, or `import.meta.url` of a module in it. */
  relativeTo?: string | URL | undefined;
  /** Variables from outside. */
  globalConf?: Strings | undefined;
  /** The Worker has the compatibility flag `nodejs_compat`. Default false. */
  nodejsCompat?: boolean | undefined;
}

/** What `compile` gives. */
export interface Compiled {
  readonly code: string;
  /** From the lines of the module to those of the configuration. */
  readonly map: SourceMap;
  /** Every configuration file that was read: when one of them changes, the module is out of date. */
  readonly files: readonly string[];
  /** The files among the modules that it imports. */
  readonly modules: readonly string[];
  readonly warnings: readonly Warning[];
}

/**
 * Compiles what a URI means to an ES module that imports exactly what the files name, has their settings in it, and
 * needs neither the files nor a parser. `%(env:NAME)s` is read when the app is constructed, by the first request.
 *
 * @param uri `config:/srv/wiki/wiki.ini#name`, or another one that `loadApp` takes
 * @throws (rejects) ConfigError as `loadApp` does, and for what cannot be on the target
 * @example const { code } = await compile("config:wiki.ini", { relativeTo: ".", target: "workers", out: "dist/app.js" });
 */
export async function compile(uri: string | URL, options: CompileOptions): Promise<Compiled> {
  const { target } = options;
  if (!TARGETS.includes(target))
    throw new ConfigError("value", `target ${quote(String(target))} is none of ${TARGETS.join(", ")}`);
  const deferred = new Deferred();
  const session = new Session(deferred.environment);
  const finisher = new Finisher();
  const read = async (kind: Kind, name: string | undefined): Promise<Node> => {
    const request = { kind, globalConf: given(options.globalConf), trail: undefined, place: {} };
    return finisher.node(await fromUri(session, String(uri), name, folderOf(options.relativeTo), request));
  };
  try {
    const node = await read("app", options.name);
    warnOfLogging(session);
    const out = resolve(options.out);
    const [first = out] = session.files;
    const module = new CompiledModule({
      folder: dirname(out),
      root: dirname(first),
      deferred,
      readVariable: (written) => environmentOf(target, written),
      target,
    });
    const parts = new Parts(module, finisher, { target, nodejsCompat: options.nodejsCompat ?? false });
    const app = await parts.write(node);
    const serves = options.entry === true && target !== "workers" && target !== "fetch";
    const server =
      serves && hasServer(session, first, options.server)
        ? await parts.write(await read("server", options.server ?? "main"))
        : undefined;
    writeExports(module, { target, entry: options.entry ?? false, app, server, listener: parts.needsListener });
    const whole = module.finish(`Compiled from ${module.shown(first)} for ${target}: change that file, not this one.`);
    const source = (file: string): string => pathFrom(file, dirname(out));
    return {
      code: whole.code,
      map: whole.map(basename(out), source, (file) => readFileSync(file, "utf8")),
      files: session.files,
      modules: [...module.files],
      warnings: [...session.warnings, ...parts.warnings],
    };
  } catch (error) {
    throw atRunTime(error, deferred);
  }
}

/** `[loggers]` of the file that was named, which alone counts for the command too. */
function warnOfLogging(session: Session): void {
  const [first] = session.files;
  const section = first === undefined ? undefined : session.documents.get(first)?.sections.get("loggers");
  if (section === undefined) return;
  const message =
    "[loggers] is read by 'tsgi serve' and does not count in what is compiled: errors go to the console, the access log where its filter's settings say";
  session.warn({ message, at: section.at, section: "loggers" });
}

/** Whether a server is wanted that the file has to have: one that was asked for, or a `[server:main]` that is there. */
function hasServer(session: Session, file: string, name: string | undefined): boolean {
  if (name !== undefined) return true;
  if (!session.documents.has(file)) return false;
  const { index } = new FileScope(session, session.sound(file), undefined);
  return index.find("server", "main", {}) !== undefined;
}

/** What a variable of the environment stands in the way of: its value is not known to a build. */
function atRunTime(error: unknown, deferred: Deferred): unknown {
  if (!(error instanceof ConfigError)) return error;
  const variable = deferred.firstIn(error.text);
  if (variable === undefined) return error;
  return new ConfigError(
    "value",
    `${variable} is known when the app runs and not when it is compiled, so it can be a setting's value, and cannot name what the app is made of`,
    error,
    { cause: error },
  );
}
