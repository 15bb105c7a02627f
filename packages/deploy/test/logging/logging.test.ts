import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "@tsgi/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FileOutput, RotatingFileOutput, TimedRotatingFileOutput } from "../../src/logging/handlers.ts";
import { configureLogging, type Logging, type RawSection } from "../../src/logging/index.ts";

/** A file as the parser gives it, for text that is simple. */
function sectionsOf(text: string, file = "/srv/app.ini"): RawSection[] {
  const sections: {
    name: string;
    at: RawSection["at"];
    options: { key: string; value: string; at: RawSection["at"] }[];
  }[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    const at = { file, line: i + 1, column: 1 };
    const header = /^\[(.+)\]$/.exec(line);
    const option = /^(\S[^=]*?)\s*=\s*(.*)$/.exec(line);
    if (header !== null) sections.push({ name: header[1], at, options: [] });
    else if (option !== null) sections.at(-1)?.options.push({ key: option[1], value: option[2], at });
  }
  return sections;
}

// what a Pyramid team brings along
const PYRAMID = `[loggers]
keys = root, wiki
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = INFO
handlers = console
[logger_wiki]
level = DEBUG
handlers =
qualname = wiki
[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic
[formatter_generic]
format = %(asctime)s %(levelname)-5.5s [%(name)s] %(message)s`;

let folder: string;
let lines: { stderr: string[]; stdout: string[] };
const open: Logging[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tsgi-logging-"));
  lines = { stderr: [], stdout: [] };
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.stderr.push(line));
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.stdout.push(line));
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const logging of open.splice(0)) logging.close();
  await rm(folder, { recursive: true, force: true });
});

function configured(text: string, interpolated?: (section: string) => Record<string, string>): Logging {
  const logging = configureLogging(sectionsOf(text, join(folder, "app.ini")), interpolated);
  if (logging === undefined) throw new Error("no [loggers]");
  open.push(logging);
  return logging;
}

/** One handler on the root logger, at level DEBUG. */
const one = (handler: string, format = "%(message)s", more = ""): string => `[loggers]
keys = root
[handlers]
keys = h
[formatters]
keys = f
[logger_root]
level = DEBUG
handlers = h
[handler_h]
${handler}
formatter = f
[formatter_f]
format = ${format}
${more}`;
const CONSOLE = "class = StreamHandler\nargs = (sys.stdout,)";

describe("a file of Pyramid's", () => {
  test("sends tsgi.errors and the access log through its handler and its format", () => {
    const logging = configured(PYRAMID);
    logging.errors.write('tsgi: GET "/": Error: broken\n    at app (/srv/app.ts:1:2)\n');
    logging.access.write('127.0.0.1 - - "GET / HTTP/1.1" 200 5\n');
    logging.logger("wiki.pages").debug("saved");
    logging.logger("other").debug("not shown: root is at INFO");
    expect(lines.stderr.map((line) => line.replace(/^[-\d]{10} [\d:]{8},\d{3} /, "TIME "))).toEqual([
      'TIME ERROR [tsgi] GET "/": Error: broken\n    at app (/srv/app.ts:1:2)',
      'TIME INFO  [tsgi.access] 127.0.0.1 - - "GET / HTTP/1.1" 200 5',
      "TIME DEBUG [wiki.pages] saved",
    ]);
    expect(logging.warnings).toEqual([]);
  });

  test("a file without [loggers] sets nothing up", () => {
    expect(configureLogging(sectionsOf("[app:main]\nuse = x"))).toBeUndefined();
  });

  test("the filter access-log finds the access log in the environ", async () => {
    let found: unknown;
    const logging = configured(PYRAMID);
    await request(
      logging.filter((environ, startResponse) => {
        found = environ["tsgi.access_log"];
        startResponse("204 No Content", []);
        return [];
      }),
    );
    expect(found).toBe(logging.access);
  });

  test("text that comes in pieces is one record, and so is one without an end once it is flushed", () => {
    const { errors } = configured(one(CONSOLE));
    errors.write("one ");
    errors.write("two\n");
    errors.write("three");
    errors.flush();
    errors.flush();
    expect(lines.stdout).toEqual(["one two", "three"]);
  });

  // CVE-2022-30123 (Rack): what a client sent reached the terminal of whoever read the log
  test("terminal escapes are made visible", () => {
    configured(one(CONSOLE)).errors.write("\u001b[2J\u009b31m\r\n");
    expect(lines.stdout).toEqual(["\\x1b[2J\\x9b31m\\x0d"]);
  });
});

describe("loggers", () => {
  const text = `[loggers]
keys = root, a, ab
[handlers]
keys = out, err
[logger_root]
level = WARNING
handlers = err
[logger_a]
level = INFO
handlers = out
qualname = a
[logger_ab]
level = NOTSET
handlers =
qualname = a.b
propagate = 0
[handler_out]
class = StreamHandler
args = (sys.stdout,)
[handler_err]
class = StreamHandler
args = (sys.stderr,)
level = ERROR`;

  test("a record goes to the handlers of its logger and of all above it, each with its own level", () => {
    const logging = configured(text);
    logging.logger("a.x").info("info");
    logging.logger("a.x").error("error");
    logging.logger("b").info("too low for root");
    expect(lines).toEqual({ stdout: ["info", "error"], stderr: ["error"] });
  });

  test("propagate = 0 keeps records from the loggers above, and the level is still theirs", () => {
    const logging = configured(text);
    logging.logger("a.b.c").error("kept");
    expect(lines).toEqual({ stdout: [], stderr: [] });
    expect(logging.logger("a.b").isEnabledFor("INFO")).toBe(true);
    expect(logging.logger("a.b").isEnabledFor("DEBUG")).toBe(false);
    expect(logging.logger("ab").isEnabledFor("INFO")).toBe(false);
  });

  test("a root without a level is at WARNING", () => {
    const logging = configured(one(CONSOLE).replace("level = DEBUG\n", ""));
    expect(logging.logger("").isEnabledFor("INFO")).toBe(false);
    expect(logging.logger("").isEnabledFor("WARNING")).toBe(true);
  });
});

describe("formats", () => {
  const print = (format: string, more = ""): string => {
    configured(one(CONSOLE, format, more))
      .logger("wiki.pages")
      .warning("saved 100%");
    return lines.stdout.at(-1) ?? "";
  };

  test.each([
    ["%(levelname)-5.5s|", "WARNI|"],
    ["%(levelname)10s|", "   WARNING|"],
    ["%(levelno)04d", "0030"],
    ["%(name)s: %(message)s %%", "wiki.pages: saved 100% %"],
    ["%(process)d", String(process.pid)],
    ["%(processName)s %(threadName)s", "MainProcess MainThread"],
    ["100% sure", "100% sure"],
  ])("%s", (format, expected) => expect(print(format)).toBe(expected));

  test("the place of the call", () => {
    expect(print("%(filename)s %(module)s %(lineno)d")).toMatch(/^logging\.test\.ts logging\.test \d+$/);
    expect(print("%(pathname)s")).toMatch(/^\/.*\/logging\.test\.ts$/);
    expect(print("%(funcName)s")).toBe("print");
  });

  test("times: asctime with milliseconds, or by datefmt; created, msecs", () => {
    expect(print("%(asctime)s")).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$/);
    expect(print("%(asctime)s", "datefmt = [%d/%b/%Y:%H:%M:%S %z]")).toMatch(
      /^\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]$/,
    );
    expect(Math.abs(Number(print("%(created)f")) - Date.now() / 1000)).toBeLessThan(60);
    expect(print("%(msecs)03d")).toMatch(/^\d{3}$/);
  });
});

describe("handlers", () => {
  const text = (name: string): Promise<string> => readFile(join(folder, name), "utf8");

  test("FileHandler adds to a file; its path may use %(here)s, and starts from the folder of the file", async () => {
    await writeFile(join(folder, "app.log"), "before\n");
    const ini = one("class = FileHandler\nargs = ('%(here)s/app.log', 'a')");
    configured(ini, () => ({ args: `('${folder}/app.log', 'a')` })).errors.write("one\n");
    configured(one("class = FileHandler\nargs = (r'app.log',)")).errors.write("two\n");
    expect(await text("app.log")).toBe("before\none\ntwo\n");
    configured(one("class = FileHandler\nargs = ('app.log', 'w')")).errors.write("anew\n");
    expect(await text("app.log")).toBe("anew\n");
  });

  test("RotatingFileHandler keeps its size and its number of files", async () => {
    const handler = "class = handlers.RotatingFileHandler\nargs = ('r.log', 'a', 2*10, 2)";
    const { errors } = configured(one(handler));
    for (let i = 0; i < 8; i++) errors.write(`line number ${i}\n`);
    expect((await readdir(folder)).sort()).toEqual(["r.log", "r.log.1", "r.log.2"]);
    expect([await text("r.log.2"), await text("r.log.1"), await text("r.log")]).toEqual([
      "line number 5\n",
      "line number 6\n",
      "line number 7\n",
    ]);
  });

  test("kwargs say the same by name", async () => {
    const handler =
      "class = logging.handlers.RotatingFileHandler\nargs = ('k.log',)\nkwargs = {'maxBytes': 5, 'backupCount': 1}";
    const { errors, warnings } = configured(one(handler));
    for (const word of ["one", "two", "three"]) errors.write(`${word}\n`);
    expect(warnings).toEqual([]);
    expect([await text("k.log.1"), await text("k.log")]).toEqual(["two\n", "three\n"]);
  });

  test("TimedRotatingFileHandler begins a new file at midnight and forgets old ones", async () => {
    let now = new Date(2026, 0, 1, 23, 59);
    const output = new TimedRotatingFileOutput(join(folder, "t.log"), "midnight", 1, 2, () => now);
    for (let day = 1; day <= 5; day++) {
      now = new Date(2026, 0, day, 23, 59);
      output.write(`day ${day}`);
    }
    output.close();
    expect((await readdir(folder)).sort()).toEqual(["t.log", "t.log.2026-01-03", "t.log.2026-01-04"]);
    expect(await text("t.log.2026-01-03")).toBe("day 3\n");
    expect(await text("t.log")).toBe("day 5\n");
  });

  // Incident: with `workers` each process moved the file at midnight: the second one over the first one's, which had the
  // whole day in it, what it had itself from then on. By size, files that had just begun were moved on.
  test("of several processes the first one moves the file that is full, and the others follow", async () => {
    let now = new Date(2026, 0, 1, 23, 59);
    const days = [1, 2, 3].map(() => new TimedRotatingFileOutput(join(folder, "t.log"), "midnight", 1, 2, () => now));
    for (const [i, output] of days.entries()) output.write(`day 1 of ${i}`);
    now = new Date(2026, 0, 2, 12);
    for (const [i, output] of days.entries()) output.write(`day 2 of ${i}`);
    for (const output of days) output.close();
    expect(await text("t.log.2026-01-01")).toBe("day 1 of 0\nday 1 of 1\nday 1 of 2\n");
    expect(await text("t.log")).toBe("day 2 of 0\nday 2 of 1\nday 2 of 2\n");

    const sizes = [1, 2, 3].map(() => new RotatingFileOutput(join(folder, "r.log"), "a", 40, 2));
    for (const line of ["first", "second"]) for (const [i, output] of sizes.entries()) output.write(`${line} of ${i}`);
    for (const output of sizes) output.close();
    expect((await readdir(folder)).filter((name) => name.startsWith("r.log")).sort()).toEqual(["r.log", "r.log.1"]);
    expect(await text("r.log.1")).toBe("first of 0\nfirst of 1\nfirst of 2\n");
    expect(await text("r.log")).toBe("second of 0\nsecond of 1\nsecond of 2\n");
  });

  // Incident: under --reload the process that ends wrote on where it had been in a file that was begun anew: zeros before it.
  test("a file that is begun anew, while another process still writes to it, has no gap", async () => {
    const old = new FileOutput(join(folder, "f.log"), "w");
    old.write("a line of the old one");
    const next = new FileOutput(join(folder, "f.log"), "w");
    next.write("next");
    old.write("old");
    for (const output of [old, next]) output.close();
    expect(await text("f.log")).toBe("next\nold\n");
  });

  test("WatchedFileHandler begins anew when logrotate has moved its file", async () => {
    const { errors } = configured(one("class = handlers.WatchedFileHandler\nargs = ('w.log',)"));
    errors.write("one\n");
    await rename(join(folder, "w.log"), join(folder, "w.log.1"));
    errors.write("two\n");
    expect([await text("w.log.1"), await text("w.log")]).toEqual(["one\n", "two\n"]);
  });

  test("NullHandler writes nowhere", () => {
    configured(one("class = NullHandler\nargs = ()")).errors.write("nothing\n");
    expect(lines).toEqual({ stdout: [], stderr: [] });
  });

  test("a closed file takes nothing more, and says nothing", async () => {
    const logging = configured(one("class = FileHandler\nargs = ('c.log',)"));
    logging.errors.write("one\n");
    logging.close();
    logging.errors.write("two\n");
    expect(await text("c.log")).toBe("one\n");
  });
});

describe("what is not understood is a warning with its line, and logging goes on", () => {
  test.each([
    [
      "class = handlers.SMTPHandler\nargs = ('mail',)",
      /^\[handler_h\] class: .*'handlers\.SMTPHandler' is not known/,
      11,
    ],
    ["class = StreamHandler\nargs = (sys.stdin,)", /^\[handler_h\] args: 'sys\.stdin' is neither/, 12],
    ["class = StreamHandler\nargs = sys.stdout", /^\[handler_h\] args: .*cannot be read; a tuple/, 12],
    ["class = FileHandler\nargs = ('/nowhere/at/all.log',)", /^\[handler_h\] args: ENOENT/, 12],
    ["class = FileHandler\nargs = (__import__('os').system('x'),)", /^\[handler_h\] args: .*cannot be read/, 12],
    ["class = handlers.TimedRotatingFileHandler\nargs = ('x', 'often')", /when 'often' is none of/, 12],
    [`${CONSOLE}\nlevel = LOUD`, /^\[handler_h\] level: level 'LOUD' is none of NOTSET, DEBUG/, 13],
    [`${CONSOLE}\nencoding = utf8`, /^\[handler_h\] encoding: 'encoding' has no effect here/, 13],
  ])("%j", (handler, message, line) => {
    const logging = configured(one(handler));
    expect(logging.warnings).toHaveLength(1);
    expect(logging.warnings[0].message).toMatch(message);
    expect(logging.warnings[0].at.line).toBe(line);
    logging.errors.write("still said\n");
    expect([...lines.stderr, ...lines.stdout]).toContain("still said");
  });

  test("keys without their section, unknown handlers, formatters and fields, a style", () => {
    const { warnings } = configured(`[loggers]
keys = wiki, gone
[handlers]
keys = h
[formatters]
keys = f
[logger_wiki]
handlers = h, other
[handler_h]
class = StreamHandler
args = (sys.stdout,)
formatter = g
[formatter_f]
format = %(color)s %(message)s
style = {`);
    expect(warnings.map(({ message, at }) => `${at.line}: ${message}`)).toEqual([
      "15: [formatter_f] style: style '{' is not known here, only %",
      "14: [formatter_f] format: the field 'color' is not known here",
      "12: [handler_h] formatter: 'g' is none of the formatters in [formatters]",
      "2: [loggers] keys: there is no section [logger_gone]",
      "7: [logger_wiki]: qualname is missing, 'wiki' is taken",
      "8: [logger_wiki] handlers: 'other' is none of the handlers in [handlers]",
      "2: [loggers] keys: there is no root, which loggers without handlers write to",
    ]);
  });

  test("a variable that is missing", () => {
    const logging = configured(one("class = FileHandler\nargs = ('%(nope)s/x.log',)"), () => {
      throw new Error("'nope' is not known");
    });
    expect(logging.warnings[0].message).toContain("'nope' is not known");
  });
});
