import { fromFetch, InputError, isHopByHop, status, type App, type Environ } from "@tsgi/core";
import { encodePath, reportError } from "@tsgi/core/adapter";
import { asDuration, asList, asText, settingsSchema } from "@tsgi/core/settings";
import { read } from "./settings.ts";
import type { Strings } from "./types.ts";

// egg:Paste#proxy

const SETTINGS = settingsSchema({
  address: { cast: (value) => addressOf(asText(value)), required: true },
  allowed_request_methods: { cast: (value) => asList(value).map((method) => method.toUpperCase()) },
  suppress_http_headers: { cast: (value) => asList(value).map((name) => name.toLowerCase()), default: [] },
  /** How long the other server has for its head. */
  timeout: { cast: (value) => asDuration(value, "s"), default: 60_000 },
});

/** Fields that fetch makes itself, that say what this server alone knows, or whose answer it would decode. */
const OWN = new Set(["host", "content-length", "accept-encoding", "expect", "forwarded", "x-forwarded-port"]);
/** What fetch takes off a body although nobody asked for it; the length is then another one. */
const DECODED = /^(?:x-)?gzip$|^deflate$|^br$/i;

/**
 * `[app:x] use = egg:Paste#proxy`, `address = http://127.0.0.1:4000/`: another server answers, PATH_INFO below the
 * address. Bodies are streamed both ways; fields of the connection are not passed on; `X-Forwarded-For`, `-Host` and
 * `-Proto` say who asks for what. A server that cannot be reached is a 502, one that is silent for `timeout` a 504.
 * Source of the rule: paste.proxy.make_proxy; RFC 9110 7.6.
 */
export function factory(_globalConf: Strings, localConf: Strings): App {
  const settings = read(SETTINGS, localConf);
  const suppressed = new Set(settings.suppress_http_headers);
  const allowed = settings.allowed_request_methods;
  return fromFetch(async (_request, environ) => {
    const method = environ.REQUEST_METHOD;
    if (allowed !== undefined && !allowed.includes(method.toUpperCase()))
      return plain(405, { Allow: allowed.join(", ") });
    const body = await bodyOf(environ);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), settings.timeout);
    const { "tsgi.signal": left } = environ;
    try {
      const answer = await fetch(targetOf(settings.address, environ), {
        method,
        headers: headersOf(environ, suppressed, body !== undefined),
        redirect: "manual",
        signal: AbortSignal.any([left, late.signal]),
        ...(body === undefined ? {} : { body, duplex: "half" }),
      });
      return passOn(answer);
    } catch (error) {
      if (left.aborted) throw error;
      // the request's own body failed: too large, or broken off
      const { cause } = error as Error;
      for (const fault of [error, cause]) if (fault instanceof InputError) throw fault;
      const silent = late.signal.aborted;
      reportError(environ["tsgi.errors"], error, `proxy: ${settings.address.origin}${silent ? " is silent" : ""}`);
      return plain(silent ? 504 : 502);
    } finally {
      clearTimeout(timer);
    }
  });
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "") return url;
  throw new RangeError("an address such as http://127.0.0.1:4000/ is wanted, without a query");
}

/** The address with PATH_INFO below its path: it cannot leave that, since dot segments are resolved before. */
function targetOf(address: URL, environ: Environ): URL {
  const url = new URL(address);
  const path = environ.PATH_INFO.replace(/^\/+/, "");
  url.pathname = `${address.pathname.replace(/\/$/, "")}/${encodePath(path)}`;
  url.search = environ.QUERY_STRING;
  return url;
}

function headersOf(environ: Environ, suppressed: ReadonlySet<string>, hasBody: boolean): Headers {
  const headers = new Headers();
  const named = connectionNames(environ.HTTP_CONNECTION);
  for (const key of Object.keys(environ)) {
    if (!key.startsWith("HTTP_")) continue;
    const name = key.slice(5).toLowerCase().replaceAll("_", "-");
    if (isHopByHop(name) || OWN.has(name) || named.has(name) || suppressed.has(name)) continue;
    headers.set(name, environ[key as `HTTP_${string}`] as string);
  }
  if (environ.CONTENT_TYPE) headers.set("content-type", environ.CONTENT_TYPE);
  if (hasBody && environ.CONTENT_LENGTH) headers.set("content-length", environ.CONTENT_LENGTH);
  // fetch decodes what is encoded: the bytes are to arrive as they are
  headers.set("accept-encoding", "identity");
  if (environ.REMOTE_ADDR) headers.append("x-forwarded-for", environ.REMOTE_ADDR);
  if (environ.HTTP_HOST) headers.set("x-forwarded-host", environ.HTTP_HOST);
  headers.set("x-forwarded-proto", environ["tsgi.url_scheme"]);
  return headers;
}

/** The fields that a Connection field names belong to the connection too (RFC 9110 7.6.1). */
function connectionNames(connection: string | undefined | null): ReadonlySet<string> {
  return new Set((connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
}

/** Bodies of no more are read before they are sent: Deno sends a stream in chunks only, which many a server cannot read. */
const SMALL = 64 * 1024;

async function bodyOf(environ: Environ): Promise<BodyInit | undefined> {
  const { REQUEST_METHOD: method, CONTENT_LENGTH: length } = environ;
  // fetch sends no body with these
  if (method === "GET" || method === "HEAD" || length === "0") return undefined;
  if (length === undefined && environ.HTTP_TRANSFER_ENCODING === undefined) return undefined;
  const input = environ["tsgi.input"];
  return length !== undefined && Number(length) <= SMALL ? input.bytes() : input.stream();
}

function passOn(answer: Response): Response {
  const headers = new Headers();
  const named = connectionNames(answer.headers.get("connection"));
  const decoded = DECODED.test(answer.headers.get("content-encoding")?.trim() ?? "") && answer.body !== null;
  for (const [name, value] of answer.headers) {
    if (isHopByHop(name) || named.has(name)) continue;
    if (decoded && (name === "content-encoding" || name === "content-length")) continue;
    headers.append(name, value);
  }
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}

function plain(code: number, headers: Record<string, string> = {}): Response {
  return new Response(`${status(code).slice(4)}\n`, {
    status: code,
    headers: { "Content-Type": "text/plain; charset=utf-8", ...headers },
  });
}

/** For whoever checks a file without making anything of it. */
factory.settings = SETTINGS;
