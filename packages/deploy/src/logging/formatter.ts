import process from "node:process";
import strftime from "strftime";
import { levelName } from "./levels.ts";

/** One thing that is logged. */
export interface LogRecord {
  readonly name: string;
  readonly level: number;
  readonly message: string;
  readonly time: Date;
  /** Where it was logged, when a format asks for that. */
  readonly caller: Caller;
}

export interface Caller {
  readonly pathname: string;
  readonly lineno: number;
  readonly funcName: string;
}

export const NO_CALLER: Caller = { pathname: "(unknown file)", lineno: 0, funcName: "(unknown function)" };

const started = Date.now();

const FIELDS: Readonly<Record<string, (record: LogRecord, asctime: string) => string | number>> = {
  name: ({ name }) => name,
  levelno: ({ level }) => level,
  levelname: ({ level }) => levelName(level),
  pathname: ({ caller }) => caller.pathname,
  filename: ({ caller }) => fileName(caller),
  module: ({ caller }) => fileName(caller).replace(/\.[^.]*$/, ""),
  lineno: ({ caller }) => caller.lineno,
  funcName: ({ caller }) => caller.funcName,
  created: ({ time }) => time.getTime() / 1000,
  asctime: (_record, asctime) => asctime,
  msecs: ({ time }) => time.getMilliseconds(),
  relativeCreated: ({ time }) => time.getTime() - started,
  thread: () => 1,
  threadName: () => "MainThread",
  process: () => process.pid,
  processName: () => "MainProcess",
  taskName: () => "None",
  message: ({ message }) => message,
};

function fileName({ pathname }: Caller): string {
  return pathname.slice(Math.max(pathname.lastIndexOf("/"), pathname.lastIndexOf("\\")) + 1);
}

const OF_CALLER = new Set(["pathname", "filename", "module", "lineno", "funcName"]);

/** A `[formatter_x]` section. */
export interface Formatter {
  /** Whether its format names the place of the call, which costs a stack. */
  readonly needsCaller: boolean;
  /** Fields of its format that are not known here; they are left as they are written. */
  readonly unknown: readonly string[];
  format(record: LogRecord): string;
}

// %(levelname)-5.5s: a field with printf's flags, width, precision and conversion
const FIELD = /%(?:\((\w+)\)([-#0 +]*)([0-9]{0,4})(?:\.([0-9]{1,3}))?([sdifxXoeEgGcra])|%)/g;

/**
 * A format in Python's printf style.
 * Source of the rule: logging.Formatter.
 *
 * @param format default `%(message)s`
 * @param datefmt what `%(asctime)s` is, for strftime; default `2026-11-21 13:04:05,678`
 */
export function makeFormatter(format = "%(message)s", datefmt?: string): Formatter {
  const names = [...format.matchAll(FIELD)].map(([, name]) => name).filter((name) => name !== undefined);
  return {
    needsCaller: names.some((name) => OF_CALLER.has(name)),
    unknown: names.filter((name) => !Object.hasOwn(FIELDS, name)),
    format(record) {
      const asctime = names.includes("asctime") ? timeOf(record.time, datefmt) : "";
      return format.replace(FIELD, (written, name?: string, flags = "", width = "", precision?: string, kind = "s") => {
        if (name === undefined) return "%";
        if (!Object.hasOwn(FIELDS, name)) return written;
        return printed(FIELDS[name](record, asctime), flags, Number(width), precision, kind);
      });
    },
  };
}

function timeOf(time: Date, datefmt: string | undefined): string {
  if (datefmt) return strftime(datefmt, time);
  return `${strftime("%Y-%m-%d %H:%M:%S", time)},${String(time.getMilliseconds()).padStart(3, "0")}`;
}

function printed(
  value: string | number,
  flags: string,
  width: number,
  precision: string | undefined,
  kind: string,
): string {
  let text: string;
  if (typeof value === "number" && "di".includes(kind))
    text = String(Math.trunc(value)).padStart(Number(precision ?? 0), "0");
  else if (typeof value === "number" && kind === "f") text = value.toFixed(Number(precision ?? 6));
  else if (typeof value === "number" && "xXo".includes(kind)) {
    text = Math.trunc(value).toString(kind === "o" ? 8 : 16);
    if (kind === "X") text = text.toUpperCase();
  } else {
    text = String(value);
    if (precision !== undefined) text = text.slice(0, Number(precision));
  }
  if (flags.includes("-")) return text.padEnd(width);
  return text.padStart(width, flags.includes("0") && typeof value === "number" ? "0" : " ");
}
