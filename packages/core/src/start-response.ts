import type { Header } from "./contract.ts";
import { DIGITS, isFieldValue, isHopByHop, quote, STATUS, TOKEN } from "./grammar.ts";

// The outward door: status and headers are checked when the app says them, so that the stack shows who said it.

/** A status line read once. */
export interface StatusLine {
  readonly code: number;
  /** Empty when the app gave none: whoever writes a status line completes it. */
  readonly reason: string;
}

/** A head as the app said it, checked. */
export interface CheckedHead {
  /** The very status line and list that the app gave. */
  readonly line: string;
  readonly list: readonly Readonly<Header>[];
  readonly status: StatusLine;
  /** Names and values in turn, without Content-Length: a copy, since an app may change its list after the call. */
  readonly fields: string[];
  /** The declared Content-Length, -1 without one. */
  readonly length: number;
}

/** A header list that stands for a native Response answers this with a function that gives its head, unread and unchecked. */
export const OWN_HEAD: unique symbol = Symbol("the head of a Response");

const seen = new Map<string, StatusLine>();

/**
 * Reads `"404 Not Found"`; a bare `"404"` will do.
 *
 * @throws TypeError naming the line: control characters, no code, a code outside 200 to 599
 */
export function parseStatus(line: string): StatusLine {
  const known = seen.get(line);
  if (known !== undefined) return known;
  const match = typeof line === "string" ? STATUS.exec(line) : null;
  if (match === null)
    throw new TypeError(
      `startResponse: status ${quote(line)} is not "NNN Reason" with a code from 200 to 599 and no control characters`,
    );
  const read: StatusLine = { code: Number(match[1]), reason: match[2] ?? "" };
  if (seen.size < 200) seen.set(line, read); // capped: a reason may come from outside
  return read;
}

const ORDINARY = 1;
const CONTENT_LENGTH = 2;
const kinds = new Map<string, number>();

/** Checks a header name; only good ones are remembered. */
function kindOf(name: unknown): number {
  if (typeof name !== "string" || !TOKEN.test(name))
    throw new TypeError(`startResponse: header name ${quote(name)} is not a token (RFC 9110 5.1)`);
  if (isHopByHop(name))
    throw new TypeError(
      `startResponse: header ${quote(name)} is hop-by-hop and belongs to the server (RFC 9110 7.6.1)`,
    );
  const kind = name.toLowerCase() === "content-length" ? CONTENT_LENGTH : ORDINARY;
  if (kinds.size < 500) kinds.set(name, kind);
  return kind;
}

/**
 * Checks what an app passes to `startResponse`.
 *
 * @throws TypeError naming the offending value
 */
export function checkHead(line: string, list: readonly Readonly<Header>[]): CheckedHead {
  const own = (list as { [OWN_HEAD]?: (line: string) => CheckedHead } | null)?.[OWN_HEAD];
  if (own !== undefined) return own(line);
  const status = parseStatus(line);
  if (!Array.isArray(list))
    throw new TypeError(`startResponse: headers are ${quote(list)}; an array of [name, value] pairs is wanted`);
  const fields: string[] = [];
  let length = -1;
  for (let i = 0; i < list.length; i++) {
    const pair: unknown = list[i];
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new TypeError(`startResponse: header ${i} is ${quote(pair)}; a [name, value] pair is wanted`);
    const name: unknown = pair[0];
    const value: unknown = pair[1];
    const kind = kinds.get(name as string) ?? kindOf(name);
    if (typeof value !== "string" || !isFieldValue(value))
      throw new TypeError(
        `startResponse: value ${quote(value)} of header ${String(name)} is not a string of latin-1 without control characters (RFC 9110 5.5)`,
      );
    if (kind === CONTENT_LENGTH) {
      if (length >= 0) throw new TypeError("startResponse: Content-Length is given twice");
      if (!DIGITS.test(value) || !Number.isSafeInteger(Number(value)))
        throw new TypeError(`startResponse: Content-Length ${quote(value)} is not a number of bytes`);
      length = Number(value);
    } else fields.push(name as string, value);
  }
  return { line, list, status, fields, length };
}
