import type { App, ErrorLog, Middleware } from "@tsgi/core";
import { disposerOf, escapeControls } from "@tsgi/core/adapter";
import type { Warning } from "../error.ts";
import { makeFormatter, NO_CALLER, type Caller, type Formatter, type LogRecord } from "./formatter.ts";
import type { Output } from "./handlers.ts";
import { LEVELS } from "./levels.ts";
import { makeOutput } from "./make-handler.ts";
import { SectionReader, type RawSection } from "./sections.ts";

/** What a file's `[loggers]` have set up. */
export interface Logging {
  /** `tsgi.errors`: the logger `tsgi`, level ERROR. The option `errorLog` of `serve`. */
  readonly errors: ErrorLog;
  /** The access log: the logger `tsgi.access`, level INFO. */
  readonly access: ErrorLog;
  /** Puts the access log into the environ, where the filter access-log finds it: `tsgi.access_log`. */
  readonly filter: Middleware;
  /** Logs to a logger by its name, `logger("wiki.pages")`. */
  logger(name: string): Logger;
  /** What was not understood, each with its line. */
  readonly warnings: readonly Warning[];
  /** Closes the files. */
  close(): void;
}

/** A logger by its name. */
export interface Logger {
  isEnabledFor(level: LevelName): boolean;
  log(level: LevelName, message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
}

export type LevelName = "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

interface Handler {
  readonly level: number;
  readonly formatter: Formatter;
  readonly output: Output;
}

interface Configured {
  readonly level: number;
  readonly handlers: readonly Handler[];
  readonly propagate: boolean;
}

/**
 * Sets up logging by the sections `[loggers]`, `[handlers]`, `[formatters]`, `[logger_x]`, `[handler_x]` and
 * `[formatter_x]` of a configuration file. What is not understood is a warning with its line, and never an error.
 * Source of the rule: Python's logging.config.fileConfig.
 *
 * @param sections all sections of the file, raw
 * @param interpolated a section's options with variables put in; formats are taken as they are written
 * @returns `undefined` for a file without `[loggers]`
 * @example const logging = configureLogging(file.sections, (name) => file.settings(name));
 * await serve(app, { errorLog: logging?.errors });
 */
export function configureLogging(
  sections: readonly RawSection[],
  interpolated?: (section: string) => Readonly<Record<string, string>>,
): Logging | undefined {
  const reader = new SectionReader(sections, interpolated);
  if (reader.section("loggers") === undefined) return undefined;
  const formatters = new Map(
    reader.keys("formatters", "formatter").map((key) => [key, formatterOf(reader, `formatter_${key}`)]),
  );
  const handlers = new Map(
    reader.keys("handlers", "handler").map((key) => [key, handlerOf(reader, `handler_${key}`, formatters)]),
  );
  const loggers = new Map<string, Configured>();
  for (const key of reader.keys("loggers", "logger")) {
    const section = `logger_${key}`;
    reader.unread(section, ["level", "handlers", "qualname", "propagate"]);
    loggers.set(key === "root" ? "" : nameOf(reader, section, key), {
      // root without a level is at WARNING, as Python's is
      level: reader.level(section) ?? (key === "root" ? LEVELS.WARNING : LEVELS.NOTSET),
      propagate: !/^\s*0+\s*$/.test(reader.value(section, "propagate") ?? "1"),
      handlers: reader.words(section, "handlers").flatMap((word) => {
        const found = handlers.get(word);
        if (found === undefined) reader.warn(`'${word}' is none of the handlers in [handlers]`, section, "handlers");
        return found === undefined ? [] : [found];
      }),
    });
  }
  if (!loggers.has("")) reader.warn("there is no root, which loggers without handlers write to", "loggers", "keys");
  const tree = new Loggers(loggers);
  const access = tree.errorLog("tsgi.access", LEVELS.INFO);
  return {
    errors: tree.errorLog("tsgi", LEVELS.ERROR),
    access,
    filter: (app) => {
      const logged: App = (environ, startResponse) => {
        environ["tsgi.access_log"] = access;
        return app(environ, startResponse);
      };
      return Object.assign(logged, disposerOf(app));
    },
    logger: (name) => tree.logger(name),
    warnings: reader.warnings,
    close: () => {
      for (const { output } of handlers.values()) output.close();
    },
  };
}

function nameOf(reader: SectionReader, section: string, key: string): string {
  const name = reader.value(section, "qualname")?.trim();
  if (name) return name;
  reader.warn(`qualname is missing, '${key}' is taken`, section);
  return key;
}

function formatterOf(reader: SectionReader, section: string): Formatter {
  reader.unread(section, ["format", "datefmt", "style", "validate", "class"]);
  const style = reader.raw(section, "style")?.trim();
  if (style !== undefined && style !== "%") reader.warn(`style '${style}' is not known here, only %`, section, "style");
  if (reader.raw(section, "class") !== undefined) reader.warn("formats alone are read here", section, "class");
  const formatter = makeFormatter(reader.raw(section, "format") || undefined, reader.raw(section, "datefmt"));
  for (const name of formatter.unknown) reader.warn(`the field '${name}' is not known here`, section, "format");
  return formatter;
}

function handlerOf(reader: SectionReader, section: string, formatters: ReadonlyMap<string, Formatter>): Handler {
  reader.unread(section, ["class", "args", "kwargs", "level", "formatter"]);
  const name = reader.value(section, "formatter")?.trim() ?? "";
  const formatter = formatters.get(name);
  if (name !== "" && formatter === undefined)
    reader.warn(`'${name}' is none of the formatters in [formatters]`, section, "formatter");
  return {
    level: reader.level(section) ?? LEVELS.NOTSET,
    formatter: formatter ?? makeFormatter(),
    output: makeOutput(reader, section),
  };
}

/** The loggers of a file, and those between and below them by the dots of their names. */
class Loggers {
  private readonly configured: ReadonlyMap<string, Configured>;
  private readonly chains = new Map<string, { level: number; handlers: readonly Handler[]; needsCaller: boolean }>();

  constructor(configured: ReadonlyMap<string, Configured>) {
    this.configured = configured;
  }

  /** What counts for a name: the level of the nearest logger that has one, the handlers of all up to who keeps them. */
  private chain(name: string): { level: number; handlers: readonly Handler[]; needsCaller: boolean } {
    let chain = this.chains.get(name);
    if (chain !== undefined) return chain;
    let level = LEVELS.NOTSET;
    const handlers: Handler[] = [];
    let isHandled = true;
    for (let at = name; ; at = at.includes(".") ? at.slice(0, at.lastIndexOf(".")) : "") {
      const logger = this.configured.get(at);
      if (logger !== undefined) {
        if (level === LEVELS.NOTSET) level = logger.level;
        if (isHandled) handlers.push(...logger.handlers);
        isHandled &&= logger.propagate;
      }
      if (at === "") break;
    }
    chain = { level, handlers, needsCaller: handlers.some(({ formatter }) => formatter.needsCaller) };
    // names come from programs; one that makes them up must not fill the memory
    if (this.chains.size < 1000) this.chains.set(name, chain);
    return chain;
  }

  isEnabled(name: string, level: number): boolean {
    return level >= this.chain(name).level;
  }

  /** @param above the function whose caller logs */
  log(name: string, level: number, message: string, above: (...args: never[]) => unknown): void {
    const chain = this.chain(name);
    if (level < chain.level) return;
    const caller = chain.needsCaller ? callerOf(above) : NO_CALLER;
    const record: LogRecord = {
      name: name === "" ? "root" : name,
      level,
      message: escapeControls(message),
      time: new Date(),
      caller,
    };
    for (const handler of chain.handlers)
      if (level >= handler.level) handler.output.write(handler.formatter.format(record));
  }

  errorLog(name: string, level: number): ErrorLog {
    let held = "";
    const emit = (): void => {
      const text = held;
      held = "";
      if (text !== "") this.log(name, level, text.replace(/^tsgi: /, "").replace(/\n+$/, ""), log.write);
    };
    const log: ErrorLog = {
      // what ends with its line is one record, a stack with all its lines too; the rest waits for its end
      write: (text) => {
        held += text;
        if (held.endsWith("\n")) emit();
      },
      flush: emit,
    };
    return log;
  }

  logger(name: string): Logger {
    const logs = (level: LevelName): ((message: string) => void) => {
      const log = (message: string): void => this.log(name, LEVELS[level], message, log);
      return log;
    };
    const log = (level: LevelName, message: string): void => this.log(name, LEVELS[level], message, log);
    return {
      isEnabledFor: (level) => this.isEnabled(name, LEVELS[level]),
      log,
      debug: logs("DEBUG"),
      info: logs("INFO"),
      warning: logs("WARNING"),
      error: logs("ERROR"),
    };
  }
}

/** Where a function was called: V8, JavaScriptCore and whoever has `Error.captureStackTrace` can say it. */
function callerOf(above: (...args: never[]) => unknown): Caller {
  const holder: { stack?: string } = {};
  Error.captureStackTrace?.(holder, above);
  const line = (holder.stack ?? "").split("\n").find((each) => /:[0-9]+:[0-9]+\)?$/.test(each)) ?? "";
  const match = /^\s*at (?:async )?(?:(\S.*) \()?(?:file:\/\/)?([^()]+):([0-9]+):[0-9]+\)?$/.exec(line.slice(0, 2000));
  if (match === null) return NO_CALLER;
  return { funcName: match[1] ?? "<module>", pathname: match[2], lineno: Number(match[3]) };
}
