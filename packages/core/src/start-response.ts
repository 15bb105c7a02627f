import type { Header } from "./contract.ts";
import { isDigits, isFieldValue, isHopByHop, quote, STATUS, TOKEN } from "./grammar.ts";
import type { Head } from "./sink.ts";

// The outward door: status and headers are checked when the app says them, so that the stack shows who said it.

/** A status line read once. */
export interface StatusLine {
  readonly code: number;
  /** Empty when the app gave none: whoever writes a status line completes it. */
  readonly reason: string;
}

/** A header list that stands for a native Response answers this with a function that gives its head, unread and unchecked. */
export const OWN_HEAD: unique symbol = Symbol("the head of a Response");

/** A status line with the head that it came with last: most answers of an app are alike. */
interface KnownLine extends StatusLine {
  last: Head | undefined;
}

const seen = new Map<string, KnownLine>();

/**
 * Reads `"404 Not Found"`; a bare `"404"` will do.
 *
 * @throws TypeError naming the line: control characters, no code, a code outside 200 to 599
 */
export function parseStatus(line: string): StatusLine {
  return lineOf(line);
}

function lineOf(line: string): KnownLine {
  const known = seen.get(line);
  if (known !== undefined) return known;
  const match = typeof line === "string" ? STATUS.exec(line) : null;
  if (match === null)
    throw new TypeError(
      `startResponse: status ${quote(line)} is not "NNN Reason" with a code from 200 to 599 and no control characters`,
    );
  const read: KnownLine = { code: Number(match[1]), reason: match[2] ?? "", last: undefined };
  if (seen.size < 200) seen.set(line, read); // capped: a reason may come from outside
  return read;
}

const ORDINARY = 1;
const CONTENT_LENGTH = 2;
const CONTENT_TYPE = 3;
const SET_COOKIE = 4;
const SPECIAL = new Map([
  ["content-length", CONTENT_LENGTH],
  ["content-type", CONTENT_TYPE],
  ["set-cookie", SET_COOKIE],
]);
const kinds = new Map<string, number>();

/** Checks a header name; only good ones are remembered. */
function kindOf(name: unknown): number {
  if (typeof name !== "string" || !TOKEN.test(name))
    throw new TypeError(`startResponse: header name ${quote(name)} is not a token (RFC 9110 5.1)`);
  if (isHopByHop(name))
    throw new TypeError(
      `startResponse: header ${quote(name)} is hop-by-hop and belongs to the server (RFC 9110 7.6.1)`,
    );
  const kind = SPECIAL.get(name.toLowerCase()) ?? ORDINARY;
  if (kinds.size < 500) kinds.set(name, kind);
  return kind;
}

/**
 * Checks what an app passes to `startResponse`.
 *
 * @returns the head to send, in which nothing of the app's list is left: an app may change that after the call
 * @throws TypeError naming the offending value
 */
export function checkHead(line: string, list: readonly Readonly<Header>[]): Head {
  const own = (list as { [OWN_HEAD]?: (line: string) => Head } | null)?.[OWN_HEAD];
  if (own !== undefined) return own(line);
  const status = lineOf(line);
  if (!Array.isArray(list))
    throw new TypeError(`startResponse: headers are ${quote(list)}; an array of [name, value] pairs is wanted`);
  const { last } = status;
  if (last !== undefined && says(list, last.fields)) return last;
  const { code } = status;
  const fields: string[] = [];
  let length = -1;
  let typed = false;
  let same = true;
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
      if (!isDigits(value) || !Number.isSafeInteger(Number(value)))
        throw new TypeError(`startResponse: Content-Length ${quote(value)} is not a number of bytes`);
      length = Number(value);
      same = false;
    } else {
      fields.push(name as string, value);
      if (kind === CONTENT_TYPE) typed = true;
      else if (kind === SET_COOKIE || value.length > 200) same = false;
    }
  }
  const bodiless = code === 204 || code === 205 || code === 304;
  // RFC 9110 8.6: no Content-Length in a 204; RFC 9110 15.3.6: a 205 says 0
  if (code === 204) length = -1;
  else if (code === 205) length = 0;
  const head: Head = { code, reason: status.reason, fields, length, typed, bodiless, close: false };
  // what is one client's own is neither alike nor anything to keep
  if (same) status.last = head;
  return head;
}

/** Whether a list says just these fields: compared by what stands in it now, since apps change their lists. */
function says(list: readonly unknown[], fields: readonly string[]): boolean {
  if (2 * list.length !== fields.length) return false;
  for (let i = 0; i < list.length; i++) {
    const pair = list[i];
    if (!Array.isArray(pair) || pair.length !== 2 || pair[0] !== fields[2 * i] || pair[1] !== fields[2 * i + 1])
      return false;
  }
  return true;
}
