import { checkCoding, checkHost } from "./check-request.ts";
import { isDigits, quote } from "./grammar.ts";
import type { Limits } from "./limits.ts";
import type { Refusal } from "./source.ts";

/**
 * Checks header fields as they came, names and values in turn: what a transport that keeps them asks in its `refuse`.
 *
 * @param protocol HTTP/1.1 demands a Host (RFC 9112 3.2)
 * @param limit fields at most (`limits.headers`)
 */
export function checkFields(raw: readonly string[], protocol: string, limit: number): Refusal | undefined {
  if (raw.length > 2 * limit) return { status: 431, why: `more than ${limit} header fields` };
  let host: string | undefined;
  let seen = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i];
    const single = SINGLETONS[name.length];
    // the first letter tells most others apart, before a string is made
    if (single === undefined || (name.charCodeAt(0) | 0x20) !== single.charCodeAt(0) || name.toLowerCase() !== single)
      continue;
    const bit = 1 << name.length;
    if ((seen & bit) !== 0) return { status: 400, why: `two ${name} fields` };
    seen |= bit;
    if (single === "host") host = raw[i + 1];
    else if (single === "content-length" && !isDigits(raw[i + 1]))
      return { status: 400, why: `Content-Length ${quote(raw[i + 1])}` };
    else if (single === "transfer-encoding") {
      const refusal = checkCoding(raw[i + 1], protocol);
      if (refusal !== undefined) return refusal;
    }
  }
  if (host === undefined) return protocol === "HTTP/1.1" ? { status: 400, why: "no Host field" } : undefined;
  return checkHost(host);
}

/** Fields that come once: each has a length of its own. */
const SINGLETONS: Readonly<Record<number, string | undefined>> = {
  4: "host",
  12: "content-type",
  13: "authorization",
  14: "content-length",
  17: "transfer-encoding",
};

/**
 * Measures header fields that a runtime has taken in without a limit of ours, and joined: a repeated field counts once.
 * What it should not have taken in (RFC 9110 5.5), or could not decode, is refused here too.
 */
export function checkSize(fields: Headers, limits: Limits): Refusal | undefined {
  let count = 0;
  let bytes = 0;
  let broken: Refusal | undefined;
  // an iterator takes workerd twice as long
  fields.forEach((value, name) => {
    count++;
    bytes += name.length + value.length + 4;
    if (BROKEN.test(value)) broken ??= { status: 400, why: `value ${quote(value)} of field ${quote(name)}` };
  });
  if (broken !== undefined) return broken;
  if (count > limits.headers) return { status: 431, why: `more than ${limits.headers} header fields` };
  if (bytes > limits.headerBytes) return { status: 431, why: `more than ${limits.headerBytes} bytes of header fields` };
  return undefined;
}

const BROKEN = /[\0-\x08\x0a-\x1f\x7f\ufffd]/;
