import { ConfigError, type Place, type Position, type Warning } from "./error.ts";
import { quote, shown } from "./quote.ts";
import { indentOf, stripEnd } from "./whitespace.ts";

// Text to sections, in the dialect of Python's configparser: strict, BasicInterpolation, names as they are written. Each
// line is looked at once, and no regular expression with a choice runs over it: a file's cost is its length.

/** An option of a section, as the file has it: nothing is interpolated. */
export interface Option {
  readonly key: string;
  readonly value: string;
  /** Where its key stands. */
  readonly at: Position;
  /** Where each line of its value stands; comment lines are no part of the value. */
  readonly lines: readonly Position[];
}

/** A section, as the file has it. */
export interface Section {
  /** As written, `app:main`. */
  readonly name: string;
  readonly at: Position;
  readonly options: readonly Option[];
}

/** A section whose options are found by key. */
export interface ParsedSection extends Section {
  find(key: string): Option | undefined;
}

/** A file that was read. */
export interface Document {
  readonly file: string;
  /** In the order of the file; a repeated [DEFAULT] is one section. */
  readonly sections: ReadonlyMap<string, ParsedSection>;
  /** Every fault of the file; with one of them it counts for nothing. */
  readonly errors: readonly ConfigError[];
  readonly warnings: readonly Warning[];
}

/** The section whose options all sections have. */
export const DEFAULT = "DEFAULT";

// A file of thousands of options is read whole, and of few of them anybody asks where they stand: places are made of
// numbers when they are asked for.

class ParsedOption implements Option {
  readonly key: string;
  value: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Column of the value in its first line. */
  readonly start: number;
  /** Where its further lines stand. */
  more: Position[] | undefined;

  constructor(key: string, value: string, file: string, line: number, column: number, start: number) {
    this.key = key;
    this.value = value;
    this.file = file;
    this.line = line;
    this.column = column;
    this.start = start;
  }

  get at(): Position {
    return { file: this.file, line: this.line, column: this.column };
  }

  get lines(): readonly Position[] {
    return [{ file: this.file, line: this.line, column: this.start }, ...(this.more ?? [])];
  }
}

const HASH = 35;
const SEMICOLON = 59;
const BRACKET = 91;
const DELIMITER = /[=:]/;
const COMMENT = /[ \t][;#]/;

class OpenSection implements ParsedSection {
  readonly name: string;
  readonly at: Position;
  private readonly table = new Map<string, ParsedOption>();

  constructor(name: string, at: Position) {
    this.name = name;
    this.at = at;
  }

  get options(): readonly ParsedOption[] {
    return [...this.table.values()];
  }

  find(key: string): ParsedOption | undefined {
    return this.table.get(key);
  }

  /** Of a key that is there twice the last counts. */
  add(option: ParsedOption): void {
    this.table.set(option.key, option);
  }
}

/**
 * Reads the text of a file. It does not throw: its faults are in the result, so that all can be told at once.
 *
 * @param file its absolute path, for positions
 */
export function parse(text: string, file: string): Document {
  const reader = new Reader(file);
  let line = 0;
  const lines = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  // an editor's byte order mark is no text
  for (let start = lines.charCodeAt(0) === 0xfeff ? 1 : 0; start < lines.length;) {
    const found = lines.indexOf("\n", start);
    const end = found < 0 ? lines.length : found;
    reader.line(lines.slice(start, end), ++line);
    start = end + 1;
  }
  return reader.document();
}

class Reader {
  private readonly file: string;
  private readonly sections = new Map<string, OpenSection>();
  private readonly errors: ConfigError[] = [];
  private readonly warnings: Warning[] = [];
  private section: OpenSection | undefined;
  private option: ParsedOption | undefined;
  /** The lines of values that have more than one. */
  private readonly continued = new Map<ParsedOption, string[]>();
  private indent = 0;

  constructor(file: string) {
    this.file = file;
  }

  line(raw: string, line: number): void {
    const indent = indentOf(raw);
    const text = stripEnd(raw.slice(indent));
    if (text === "") return this.blank(line);
    const first = text.charCodeAt(0);
    if (first === HASH || first === SEMICOLON) return;
    if (indent > this.indent && this.option !== undefined) return this.value(this.option, text, line, indent + 1);
    this.indent = indent;
    const header = first === BRACKET ? headerOf(text) : undefined;
    if (header !== undefined) this.open(header, line, indent + 1);
    else if (this.section === undefined) this.headless(text, line, indent + 1);
    else this.pair(text, line, indent + 1, this.section);
  }

  /** Kept while a value goes on; what is left at its end is taken away. */
  private blank(line: number): void {
    if (this.option !== undefined) this.extend(this.option, "", this.position(line, 1));
  }

  private position(line: number, column: number): Position {
    return { file: this.file, line, column };
  }

  document(): Document {
    for (const [option, values] of this.continued) option.value = stripEnd(values.join("\n"));
    return { file: this.file, sections: this.sections, errors: this.errors, warnings: this.warnings };
  }

  private extend(option: ParsedOption, text: string, at: Position): void {
    const values = this.continued.get(option);
    if (values === undefined) this.continued.set(option, [option.value, text]);
    else values.push(text);
    (option.more ??= []).push(at);
  }

  private open(name: string, line: number, column: number): void {
    // so that a section cannot begin with a continuation line
    this.option = undefined;
    const known = this.sections.get(name);
    this.section = known ?? new OpenSection(name, this.position(line, column));
    if (known === undefined) this.sections.set(name, this.section);
    else if (name !== DEFAULT)
      this.errors.push(
        new ConfigError(
          "ini-duplicate-section",
          `section [${shown(name)}] already exists, since line ${known.at.line}; a section is written once`,
          { at: this.position(line, column), section: name },
        ),
      );
  }

  private pair(text: string, line: number, column: number, section: OpenSection): void {
    const split = text.search(DELIMITER);
    const key = split < 1 ? "" : stripEnd(text.slice(0, split));
    if (key === "" || text.charCodeAt(0) === BRACKET) {
      this.odd(text, split, key, { at: this.position(line, column), section: section.name });
      if (key === "") return;
    }
    const known = section.find(key);
    if (known !== undefined) this.again(known, section, this.position(line, column));
    const rest = text.slice(split + 1);
    const indent = indentOf(rest);
    // the line has no space at its end, so neither has the value
    const value = rest.slice(indent);
    const start = column + split + 1 + indent;
    const option = new ParsedOption(key, value, this.file, line, column, start);
    section.add(option);
    this.option = option;
    this.suspect(value, line, start, option);
  }

  /** A key that the section has already. */
  private again({ key, line }: ParsedOption, section: OpenSection, at: Position): void {
    this.errors.push(
      new ConfigError(
        "ini-duplicate-option",
        `option ${quote(key)} in section [${shown(section.name)}] already exists, since line ${line}`,
        { at, section: section.name, key },
      ),
    );
  }

  /** A line that is no option, or hardly one. */
  private odd(text: string, split: number, key: string, place: Place): void {
    if (split < 0) {
      const header = text[0] === "[" ? "; a section header ends in ]" : "";
      const what = `${quote(text)} is neither a section header nor 'key = value' nor a comment${header}`;
      this.errors.push(new ConfigError("ini-parse", what, place));
    } else if (key === "") {
      this.errors.push(
        new ConfigError("ini-parse", `${quote(text)} has no key before the ${quote(text[split])}`, place),
      );
    } else
      this.warnings.push({
        message: `${quote(text)} is read as an option, since a section header ends in ]`,
        at: place.at as Position,
        section: place.section,
        key,
      });
  }

  /** A further line of a value. */
  private value(option: ParsedOption, text: string, line: number, column: number): void {
    const at = this.position(line, column);
    this.extend(option, text, at);
    this.suspect(text, line, column, option);
    if (headerOf(text) !== undefined)
      this.warnings.push({
        message: `${quote(text)} is indented and so goes on the value of ${quote(option.key)}; a section header stands no deeper than the option before it`,
        at,
        section: this.section?.name,
        key: option.key,
      });
  }

  /** There are no comments at the end of a line. */
  private suspect(text: string, line: number, column: number, option: ParsedOption): void {
    const found = text.search(COMMENT);
    if (found < 0) return;
    this.warnings.push({
      message: `${quote(text.slice(found + 1))} is part of the value of ${quote(option.key)}; a comment stands on a line of its own`,
      at: { file: this.file, line, column: column + found + 1 },
      section: this.section?.name,
      key: option.key,
    });
  }

  /** Text before the first header. */
  private headless(text: string, line: number, column: number): void {
    // once is enough: everything before the first header is wrong for the same reason
    if (this.errors.length > 0) return;
    this.errors.push(
      new ConfigError("ini-missing-header", `${quote(text)} stands before any section header, such as [app:main]`, {
        at: this.position(line, column),
      }),
    );
  }
}

/** The name between `[` and the last `]` of the line; what comes after is ignored. */
function headerOf(text: string): string | undefined {
  if (text[0] !== "[") return undefined;
  const end = text.lastIndexOf("]");
  return end < 2 ? undefined : text.slice(1, end);
}

/**
 * The error of a file that has some: as the original would raise it, a repeated name or a missing header at once, lines
 * that are nothing all together at the end.
 */
export function faultOf({ file, errors }: Document): ConfigError | undefined {
  const first = errors.find(({ category }) => category !== "ini-parse") ?? errors[0];
  if (first === undefined || first.category !== "ini-parse" || errors.length === 1) return first;
  const lines = errors.map((error) => `line ${error.at?.line}: ${error.text}`);
  return new ConfigError(
    "ini-parse",
    `${errors.length} lines of ${file} cannot be read:\n  ${lines.join("\n  ")}`,
    { at: first.at, section: first.section },
    { errors },
  );
}
