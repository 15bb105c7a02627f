/** Where a text stands: lines and columns count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What kind of fault it is; tools tell faults apart by this, people by the message. */
export type Category =
  | "lookup"
  | "key"
  | "index"
  | "value"
  | "type"
  | "assertion"
  | "import"
  | "attribute"
  | "package"
  | "io"
  | "recursion"
  | "ini-missing-header"
  | "ini-parse"
  | "ini-duplicate-section"
  | "ini-duplicate-option"
  | "ini-interpolation-missing"
  | "ini-interpolation-syntax"
  | "ini-interpolation-depth";

/** Where in a configuration something was found. */
export interface Place {
  readonly at?: Position | undefined;
  readonly section?: string | undefined;
  readonly key?: string | undefined;
}

/** A fault of a configuration: what was wrong, where, and what was expected. */
export class ConfigError extends Error {
  override readonly name: string = "ConfigError";
  readonly category: Category;
  /** File, line and column; `undefined` for what is in no file, a URI handed to `loadApp`. */
  readonly at: Position | undefined;
  readonly section: string | undefined;
  readonly key: string | undefined;
  /** The message without the place. */
  readonly text: string;
  /** Where one error stands for several: each of them. */
  readonly errors: readonly ConfigError[];

  /**
   * @param text what was wrong and what was expected, without the place: that is put before it
   * @param options `cause`; `errors`: those that this one stands for
   */
  constructor(
    category: Category,
    text: string,
    place: Place = {},
    options: ErrorOptions & { errors?: readonly ConfigError[] } = {},
  ) {
    super(
      place.at === undefined ? text : `${formatPosition(place.at)}: ${text}`,
      "cause" in options ? { cause: options.cause } : undefined,
    );
    this.text = text;
    this.errors = options.errors ?? [];
    this.category = category;
    this.at = place.at;
    this.section = place.section;
    this.key = place.key;
  }
}

/** `file:line:column`, which terminals and editors can jump to. */
export function formatPosition({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

/** What is legal and yet most likely not meant. */
export interface Warning {
  readonly message: string;
  readonly at: Position;
  readonly section?: string | undefined;
  readonly key?: string | undefined;
}
