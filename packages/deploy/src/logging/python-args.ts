// `args = ('%(here)s/app.log', 'a', 5*1024*1024)`: Python evaluates it; here it is read, as far as handlers need it.

/** A value of Python's: a name such as `sys.stderr` stays a name. */
export type PythonValue = string | number | boolean | null | { readonly name: string };

// one token: a string with its prefix, a number, a dotted name, or a sign
const TOKEN =
  /\s*(?:([rRuUbB]?)('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|([0-9][0-9_]*(?:\.[0-9]+)?)|([A-Za-z_][\w.]*)|([()[\]{},:*=]))/y;

/**
 * The values of a tuple, `(a, b)`, or of a mapping, `{'a': b}`.
 *
 * @throws RangeError for anything else
 */
export function parseTuple(text: string): PythonValue[] {
  const tokens = tokensOf(text);
  if (tokens.shift() !== "(") throw notRead(text);
  const values: PythonValue[] = [];
  while (tokens.length > 0 && tokens[0] !== ")") {
    values.push(valueOf(tokens, text));
    if (tokens[0] === ",") tokens.shift();
    else if (tokens[0] !== ")") throw notRead(text);
  }
  if (tokens.shift() !== ")" || tokens.length > 0) throw notRead(text);
  return values;
}

/** @throws RangeError for what is no mapping of strings to values */
export function parseMapping(text: string): Map<string, PythonValue> {
  const tokens = tokensOf(text);
  if (tokens.shift() !== "{") throw notRead(text);
  const values = new Map<string, PythonValue>();
  while (tokens.length > 0 && tokens[0] !== "}") {
    const key = valueOf(tokens, text);
    if (typeof key !== "string" || tokens.shift() !== ":") throw notRead(text);
    values.set(key, valueOf(tokens, text));
    if (tokens[0] === ",") tokens.shift();
    else if (tokens[0] !== "}") throw notRead(text);
  }
  if (tokens.shift() !== "}" || tokens.length > 0) throw notRead(text);
  return values;
}

/** A sign as text, a value in an object. */
type Token = string | { readonly value: PythonValue };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== "") {
    const match = TOKEN.exec(text);
    if (match === null) throw notRead(text);
    const [, prefix, quoted, digits, name, sign] = match;
    if (quoted !== undefined) tokens.push({ value: unquoted(quoted, prefix.toLowerCase() === "r") });
    else if (digits !== undefined) tokens.push({ value: Number(digits.replaceAll("_", "")) });
    else if (name !== undefined) tokens.push({ value: constantOf(name) });
    else tokens.push(sign);
  }
  return tokens;
}

/** A value, or a product of numbers, as sizes are written. */
function valueOf(tokens: Token[], text: string): PythonValue {
  const first = tokens.shift();
  if (typeof first !== "object") throw notRead(text);
  let { value } = first;
  while (tokens[0] === "*") {
    tokens.shift();
    const factor = tokens.shift();
    if (typeof value !== "number" || typeof factor !== "object" || typeof factor.value !== "number")
      throw notRead(text);
    value *= factor.value;
  }
  return value;
}

function constantOf(name: string): PythonValue {
  return name === "None" ? null : name === "True" ? true : name === "False" ? false : { name };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\", "'": "'", '"': '"' };

function unquoted(quoted: string, raw: boolean): string {
  const inner = quoted.slice(1, -1);
  return raw ? inner : inner.replace(/\\(.)/gs, (written, char: string) => ESCAPES[char] ?? written);
}

function notRead(text: string): RangeError {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return new RangeError(
    `${JSON.stringify(shown)} cannot be read; a tuple such as (sys.stderr,) or ('app.log', 'a') is wanted`,
  );
}
