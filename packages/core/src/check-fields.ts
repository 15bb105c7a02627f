import { checkHost } from "./check-request.ts";
import { DIGITS, quote } from "./grammar.ts";
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
    switch (name.length) {
      case 4:
        if (name.toLowerCase() !== "host") break;
        if (host !== undefined) return { status: 400, why: "two Host fields" };
        host = raw[i + 1];
        break;
      case 12: // content-type
      case 13: // authorization
      case 14: {
        // content-length
        const bit = SINGLETONS.get(name.toLowerCase());
        if (bit === undefined) break;
        if ((seen & bit) !== 0) return { status: 400, why: `two ${name} fields` };
        seen |= bit;
        if (bit === LENGTH && !DIGITS.test(raw[i + 1]))
          return { status: 400, why: `Content-Length ${quote(raw[i + 1])}` };
        break;
      }
    }
  }
  if (host === undefined) return protocol === "HTTP/1.1" ? { status: 400, why: "no Host field" } : undefined;
  return checkHost(host);
}

const LENGTH = 4;
const SINGLETONS = new Map([
  ["content-type", 1],
  ["authorization", 2],
  ["content-length", LENGTH],
]);
