// The request-target, read the same on every runtime (Bun hands over a resolved URL, the others a raw one).

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/**
 * The path of a request-target (RFC 9112 3.2), raw: `*`, or it starts with a slash. Of the absolute-form only path and
 * query count: scheme and authority come from the listener and from Host, so that a client cannot choose them
 * (CVE-2026-33732). A fragment is cut off.
 */
export function pathOf(target: string): string {
  const start = startOfPath(target);
  return target.slice(start, endOfPath(target, start)) || "/";
}

/** The query of a request-target, raw and without its mark; "" when there is none. */
export function queryOf(target: string): string {
  const both = pathAndQueryOf(target);
  const mark = both.indexOf("?");
  return mark < 0 ? "" : both.slice(mark + 1);
}

/** Path and query of a request-target, raw; an empty query is told from none by the mark itself. */
export function pathAndQueryOf(target: string): string {
  const start = startOfPath(target);
  const fragment = target.indexOf("#", start);
  const both = target.slice(start, fragment < 0 ? target.length : fragment);
  return both === "*" || both.charCodeAt(0) === 47 /* / */ ? both : `/${both}`;
}

/** A loop: to search for each of the two marks costs Deno 3 % of a small answer. */
function endOfPath(target: string, start: number): number {
  for (let i = start; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === 63 /* ? */ || code === 35 /* # */) return i;
  }
  return target.length;
}

function startOfPath(target: string): number {
  if (target.charCodeAt(0) === 47 /* / */) return 0;
  const scheme = SCHEME.exec(target);
  if (scheme === null) return 0;
  let start = scheme[0].length;
  while (start < target.length && !"/?#".includes(target[start])) start++;
  return start;
}

/** Whether a target is one that an origin server serves: origin-form, http(s) absolute-form, or `*` for OPTIONS. */
export function isTarget(target: string, method: string): boolean {
  if (target.charCodeAt(0) === 47) return true;
  if (target === "*") return method === "OPTIONS";
  return /^https?:\/\/[^/?#]/i.test(target);
}

/**
 * Escapes that are UTF-8 (RFC 3629: no overlong form, no surrogate), as many as follow one another. %2F stays as it stands,
 * and so does an escape of it (%252F, %25252F …): no two paths meet in one PATH_INFO. `decodeURIComponent` throws for none
 * of them; 20,000 exceptions in one path would take a second.
 */
const UTF8 =
  /(?:%(?!(?:25)*2F)[0-7][\dA-F]|%(?:C[2-9A-F]|D[\dA-F])%[89AB][\dA-F]|%(?:E0%[AB][\dA-F]|ED%[89][\dA-F]|E[1-9A-CEF]%[89AB][\dA-F])%[89AB][\dA-F]|%(?:F0%[9AB][\dA-F]|F4%8[\dA-F]|F[1-3]%[89AB][\dA-F])(?:%[89AB][\dA-F]){2})+/gi;

/**
 * PATH_INFO of a raw path: dot segments resolved as RFC 3986 5.2.4 and the URL standard do (`%2e` counts as a dot, a
 * backslash as a slash), then percent-decoded as UTF-8. `%2F` stays encoded, so that router, guard and static files see
 * one and the same path; a malformed escape stays as it stands; nothing throws.
 */
export function decodePath(raw: string): string {
  if (isPlain(raw)) return raw;
  let path = raw.replace(/[\x80-\xff]/g, escapeByte).replaceAll("\\", "/");
  if (/\/(?:\.|%2e)/i.test(path)) path = resolveDots(path);
  return path.replace(UTF8, decodeURIComponent);
}

/** Nothing to decode and nothing to resolve: most paths, told by a loop rather than by regular expressions. */
export function isPlain(raw: string): boolean {
  if (raw.charCodeAt(0) !== 47) return false;
  for (let i = 1; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code === 37 || code === 92 || code > 127 || (code === 46 && raw.charCodeAt(i - 1) === 47)) return false;
  }
  return true;
}

function escapeByte(char: string): string {
  return `%${char.charCodeAt(0).toString(16)}`;
}

function resolveDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split("/");
  const last = segments.length - 1;
  for (let i = 1; i <= last; i++) {
    const dots = segments[i].replace(/%2e/gi, ".");
    const isDots = dots === "." || dots === "..";
    if (dots === "..") kept.pop();
    if (!isDots) kept.push(segments[i]);
    else if (i === last) kept.push("");
  }
  return `/${kept.join("/")}`;
}
