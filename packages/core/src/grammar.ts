// The grammar of HTTP as named, linear tests: RFC 9110, 9112 and 3986 under their own rule names. Nothing here has state.

/** RFC 9110 5.6.2 token: method and field names. */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The methods that most requests have. On Bun regular expressions were a quarter of a profile: loops and sets are not in it. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** RFC 9110 9.1: a method is a token. */
export function isMethod(method: string): boolean {
  return METHODS.has(method) || TOKEN.test(method);
}

/** What a field value or a reason phrase may not contain (RFC 9110 5.5): controls but HTAB, DEL, and what latin-1 cannot carry. */
const NOT_FIELD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** RFC 9110 5.5 field-value, obs-text (latin-1) allowed. */
export function isFieldValue(text: string): boolean {
  const length = text.length;
  // measured: below some 64 characters a loop beats starting the regular expression engine
  if (length > 64) return !NOT_FIELD_VALUE.test(text);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 32 && code !== 9) || code === 127 || code > 255) return false;
  }
  return true;
}

/** RFC 9112 4 status-line without the version: three digits and, after a space, a reason that may be empty. */
export const STATUS = /^([2-5][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

/** RFC 9110 8.6: a Content-Length is digits, never "+5", "0x5" or "5, 5". */
export function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return text.length > 0;
}

/** RFC 3986 3.2.2 reg-name, IPv4 or [IPv6], with an optional port; no userinfo, escape or delimiter. */
const HOST = /^(?:[\w\-.~!$&'()*+,;=]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{0,5}))?$/;
// what makes `new URL()` look closer and perhaps refuse: a numeric last label (IPv4), an A-label, an IPv6 literal
const HOST_TO_PROVE = /(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)\.?(?::|$)|xn--|^\[|[^\w.:-]/i;

/** Whether a Host field is one host that every URL parser takes (RFC 9112 3.2; no Host may move a path: CVE-2026-48710). */
export function isHost(host: string): boolean {
  const match = HOST.exec(host);
  if (match === null || Number(match[1]) > 65535) return false;
  if (!HOST_TO_PROVE.test(host)) return true;
  try {
    return new URL(`http://${host}/`).pathname === "/";
  } catch {
    return false;
  }
}

/** RFC 9110 7.6.1 and PEP 3333: what belongs to one connection and so to the server. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Whether a header name belongs to one connection, in any case of letters: `isHopByHop("Keep-Alive")` is true.
 * Rule: RFC 9110 7.6.1, PEP 3333 "Other HTTP Features".
 */
export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name.toLowerCase());
}

/** A value from outside made safe for a message or a log: quoted, escaped, cut at 80 characters. */
export function quote(value: unknown): string {
  if (typeof value !== "string") return value === null ? "null" : typeof value;
  const text = value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return JSON.stringify(text).replace(
    /[\x7f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
