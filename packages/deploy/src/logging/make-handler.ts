import { dirname, isAbsolute, resolve } from "node:path";
import {
  FileOutput,
  NULL,
  RotatingFileOutput,
  streamOutput,
  TimedRotatingFileOutput,
  WatchedFileOutput,
  type Output,
} from "./handlers.ts";
import { parseMapping, parseTuple, type PythonValue } from "./python-args.ts";
import type { SectionReader } from "./sections.ts";

/** What a class of Python's is given, by position and by name. */
class Arguments {
  private readonly list: readonly PythonValue[];
  private readonly named: ReadonlyMap<string, PythonValue>;

  constructor(list: readonly PythonValue[], named: ReadonlyMap<string, PythonValue>) {
    this.list = list;
    this.named = named;
  }

  get(position: number, name: string): PythonValue | undefined {
    return this.named.get(name) ?? this.list[position];
  }

  number(position: number, name: string, otherwise: number): number {
    const value = this.get(position, name);
    return typeof value === "number" ? value : otherwise;
  }
}

type Maker = (args: Arguments, folder: string) => Output;

function pathOf(args: Arguments, folder: string): string {
  const path = args.get(0, "filename");
  if (typeof path !== "string" || path === "") throw new RangeError("a file name is wanted, args = ('app.log', 'a')");
  return isAbsolute(path) ? path : resolve(folder, path);
}

const modeOf = (args: Arguments): "a" | "w" => (String(args.get(1, "mode") ?? "a").startsWith("w") ? "w" : "a");

const CLASSES: Readonly<Record<string, Maker>> = {
  StreamHandler: (args) => {
    const stream = args.get(0, "stream") ?? args.get(0, "strm") ?? null;
    const name = typeof stream === "object" && stream !== null ? stream.name : stream;
    if (name === null || name === "sys.stderr" || name === "sys.__stderr__") return streamOutput("stderr");
    if (name === "sys.stdout" || name === "sys.__stdout__") return streamOutput("stdout");
    throw new RangeError(`'${String(name)}' is neither sys.stderr nor sys.stdout`);
  },
  FileHandler: (args, folder) => new FileOutput(pathOf(args, folder), modeOf(args)),
  WatchedFileHandler: (args, folder) => new WatchedFileOutput(pathOf(args, folder), modeOf(args)),
  RotatingFileHandler: (args, folder) =>
    new RotatingFileOutput(
      pathOf(args, folder),
      modeOf(args),
      args.number(2, "maxBytes", 0),
      args.number(3, "backupCount", 0),
    ),
  TimedRotatingFileHandler: (args, folder) =>
    new TimedRotatingFileOutput(
      pathOf(args, folder),
      String(args.get(1, "when") ?? "h"),
      args.number(2, "interval", 1),
      args.number(3, "backupCount", 0),
    ),
  NullHandler: () => NULL,
};

/** What `[handler_x]` writes to; standard error, with a warning, where that cannot be told or opened. */
export function makeOutput(reader: SectionReader, section: string): Output {
  const written = reader.value(section, "class")?.trim() ?? "";
  const name = written.replace(/^(?:logging\.)?(?:handlers\.)?/, "");
  if (!Object.hasOwn(CLASSES, name)) {
    const known = Object.keys(CLASSES).join(", ");
    reader.warn(
      `class '${written}' is not known here, its lines go to standard error; known are ${known}`,
      section,
      "class",
    );
    return streamOutput("stderr");
  }
  let key = "args";
  try {
    const args = parseTuple(reader.value(section, "args")?.trim() || "()");
    key = "kwargs";
    const named = parseMapping(reader.value(section, "kwargs")?.trim() || "{}");
    key = "args";
    const file = reader.section(section)?.at.file ?? ".";
    return CLASSES[name](new Arguments(args, named), dirname(file));
  } catch (error) {
    reader.warn(`${(error as Error).message}; its lines go to standard error`, section, key);
    return streamOutput("stderr");
  }
}
