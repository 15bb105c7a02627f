import type { Environ, HeaderList } from "@tsgi/core";

// Apache's LogFormat (https://httpd.apache.org/docs/2.4/mod/mod_log_config.html), as far as a gateway knows the answers.

/** What is known of a request once its answer has ended. */
export interface Ended {
  readonly environ: Environ;
  /** Three digits, as they stood in the head. */
  readonly status: string;
  readonly headers: HeaderList;
  /** Of the body, as the app gave it. */
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Begins a line when a request comes; what it gives is called when the answer has ended. */
export type Format = (environ: Environ, now: Date) => (ended: Ended) => string;

/** The formats that have a name. */
export const FORMATS = {
  common: '%h %l %u %t "%r" %>s %b',
  combined: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
} as const;

/** What is read when a request comes: once its answer has ended some runtimes know it no more. */
type Early = (environ: Environ, now: Date) => string | undefined;
type Late = (ended: Ended) => string | undefined;

const EARLY: Readonly<Record<string, Early>> = {
  h: (environ) => environ.REMOTE_ADDR,
  a: (environ) => environ.REMOTE_ADDR,
  l: () => undefined,
  t: (_environ, now) => `[${clfTime(now)}]`,
  r: (environ) => `${environ.REQUEST_METHOD} ${targetOf(environ)} ${environ.SERVER_PROTOCOL}`,
  m: (environ) => environ.REQUEST_METHOD,
  U: (environ) => environ.SCRIPT_NAME + environ.PATH_INFO,
  q: (environ) => (environ.QUERY_STRING ? `?${environ.QUERY_STRING}` : ""),
  H: (environ) => environ.SERVER_PROTOCOL,
  v: (environ) => environ.SERVER_NAME,
  V: (environ) => environ.HTTP_HOST?.replace(/:[0-9]*$/, "") ?? environ.SERVER_NAME,
  p: (environ) => environ.SERVER_PORT,
};

const LATE: Readonly<Record<string, Late>> = {
  // a filter inside may have found out who it is
  u: ({ environ }) => environ.REMOTE_USER,
  s: ({ status }) => status,
  b: ({ bytes }) => (bytes === 0 ? undefined : String(bytes)),
  B: ({ bytes }) => String(bytes),
  D: ({ milliseconds }) => String(Math.round(milliseconds * 1000)),
  T: ({ milliseconds }) => String(Math.floor(milliseconds / 1000)),
};

const UNITS: Readonly<Record<string, number>> = { s: 1 / 1000, ms: 1, us: 1000 };

/**
 * Reads a format: `common`, `combined`, `json`, or directives as Apache has them.
 *
 * @throws RangeError naming a directive that is not known here
 */
export function compileFormat(format: string): Format {
  if (format === "json") return json;
  const pieces = piecesOf(Object.hasOwn(FORMATS, format) ? FORMATS[format as keyof typeof FORMATS] : format);
  return (environ, now) => {
    const begun = pieces.map((piece) =>
      typeof piece === "string" ? piece : "early" in piece ? shown(piece.early(environ, now)) : piece.late,
    );
    return (ended) => begun.map((piece) => (typeof piece === "string" ? piece : shown(piece(ended)))).join("");
  };
}

type Piece = string | { readonly early: Early } | { readonly late: Late };

function piecesOf(format: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of format.matchAll(/%(?:[<>]?(?:\{([^}]*)\})?([A-Za-z])|(%)|)/g)) {
    const [written, name, letter, percent] = match;
    pieces.push(format.slice(end, match.index));
    end = match.index + written.length;
    if (percent !== undefined) pieces.push("%");
    else pieces.push(directive(written, name, letter ?? ""));
  }
  return [...pieces, format.slice(end)];
}

function directive(written: string, name: string | undefined, letter: string): Piece {
  if (name === undefined) {
    if (Object.hasOwn(EARLY, letter)) return { early: EARLY[letter] };
    if (Object.hasOwn(LATE, letter)) return { late: LATE[letter] };
  } else {
    const key = name.toUpperCase().replaceAll("-", "_");
    const header = key === "CONTENT_TYPE" || key === "CONTENT_LENGTH" ? key : `HTTP_${key}`;
    if (letter === "i") return { early: (environ) => textOf(environ[header]) };
    if (letter === "e") return { late: ({ environ }) => textOf(environ[name]) };
    if (letter === "o") return { late: ({ headers }) => valuesOf(headers, name) };
    if (letter === "T" && Object.hasOwn(UNITS, name))
      return { late: ({ milliseconds }) => String(Math.floor(milliseconds * UNITS[name])) };
  }
  const known = [...Object.keys(EARLY), ...Object.keys(LATE)].map((known) => `%${known}`).join(" ");
  throw new RangeError(
    `${JSON.stringify(written)} is no directive of an access log; known are ${known} %{X}i %{X}o %{X}e %{ms}T %%`,
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function valuesOf(headers: HeaderList, name: string): string | undefined {
  const values = headers.filter(([field]) => field.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

function targetOf(environ: Environ): string {
  return environ.REQUEST_URI ?? environ.SCRIPT_NAME + environ.PATH_INFO;
}

/** One request is one line whatever it says (CVE-2022-30123, CVE-2025-25184): escaped as Apache does, `-` for nothing. */
function shown(value: string | undefined): string {
  if (value === undefined) return "-";
  return value.replace(/["\\]|[^\x20-\x7e]/g, (char) => {
    if (char === '"' || char === "\\") return `\\${char}`;
    const code = char.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const two = (number: number): string => String(number).padStart(2, "0");

/** `14/May/2021:13:06:04 +0200`, in local time. */
function clfTime(now: Date): string {
  const offset = -now.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = `${two(now.getDate())}/${MONTHS[now.getMonth()]}/${now.getFullYear()}`;
  return `${day}:${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())} ${zone}`;
}

/** One object a line, for programs; what is not known is absent. */
const json: Format = (environ, now) => {
  const begun = {
    time: now.toISOString(),
    remote_addr: environ.REMOTE_ADDR,
    method: environ.REQUEST_METHOD,
    uri: targetOf(environ),
    protocol: environ.SERVER_PROTOCOL,
    host: environ.HTTP_HOST,
    referer: environ.HTTP_REFERER,
    user_agent: environ.HTTP_USER_AGENT,
  };
  return ({ environ: { REMOTE_USER }, status, bytes, milliseconds }) =>
    JSON.stringify({
      ...begun,
      remote_user: REMOTE_USER,
      status: Number(status),
      bytes,
      milliseconds: Math.round(milliseconds * 1000) / 1000,
      // JSON leaves these as they are, terminals do not
    }).replace(/[\x7f-\x9f\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
};
