/**
 * A value for a message: in quotes, at most 80 characters, control characters and what is no letter in any alphabet
 * escaped, so that a file can neither forge a line of a log nor steer a terminal. Unlike core's, which quotes what comes
 * over the wire, it leaves letters as the author wrote them.
 */
export function quote(value: string): string {
  const text = value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return `'${text.replace(/[\\'\n\r\t]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escape)}'`;
}

/** A path or the words of somebody else in a message: as `quote` has it, but whole, since a path that is cut names nothing. */
export function printable(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escape);
}

/** A section's name in a message: as it is, unless it is long or has control characters. */
export function shown(name: string): string {
  return quote(name).slice(1, -1);
}

function escape(char: string): string {
  const short = { "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t" }[char];
  return short ?? `\\u{${(char.codePointAt(0) as number).toString(16)}}`;
}
