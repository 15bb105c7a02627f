import { DIGITS, isFieldValue, isHost, quote, TOKEN } from "./grammar.ts";
import type { Refusal, Source } from "./source.ts";
import { isTarget } from "./target.ts";

// The inward door: what a native server lets through and no app should ever see (RFC 9112 2.3, 3.2, 5 and 6; RFC 9110
// 5.3, 7.2 and 8.6). It reads nothing that builds a URL or an object.

let lastHost = "";

/** What is wrong with a request, `undefined` for one that the app may see; its fields are `checkFieldsOf`'s. */
export function checkRequest(source: Source): Refusal | undefined {
  const own = source.refuse?.();
  if (own !== undefined) return own;
  const { method, target } = source;
  if (method !== "GET") {
    // no proxy: there is nothing to connect to
    if (method === "CONNECT") return { status: 501, why: "CONNECT" };
    if (!TOKEN.test(method)) return { status: 400, why: `method ${quote(method)} is no token` };
  }
  if (target.charCodeAt(0) !== 47 && !isTarget(target, method))
    return { status: 400, why: `target ${quote(target)} is neither a path nor an http URL` };
  return undefined;
}

/** Whether the fields may wait until somebody looks at one; where a body may follow, its framing is looked at first. */
export function mayWait(source: Source): boolean {
  return source.fieldsLater === true && (source.method === "GET" || source.method === "HEAD");
}

/** What is wrong with the header fields of a request. */
export function checkFieldsOf(source: Source): Refusal | undefined {
  if (source.fieldsChecked === true) return undefined;
  return source.refuseFields?.() ?? checkJoined(source);
}

export function checkHost(host: string): Refusal | undefined {
  if (host === lastHost || host === "") return undefined;
  if (!isHost(host)) return { status: 400, why: `Host ${quote(host)} is not one host and port` };
  lastHost = host;
  return undefined;
}

/** RFC 9112 6.1: a coding that nobody here undoes is refused, and in HTTP/1.0 the framing of any is faulty. */
export function checkCoding(coding: string, protocol: string): Refusal | undefined {
  if (coding.toLowerCase() !== "chunked") return { status: 501, why: `Transfer-Encoding ${quote(coding)}` };
  return protocol === "HTTP/1.0" ? { status: 400, why: "Transfer-Encoding in HTTP/1.0" } : undefined;
}

/** The runtime has joined repeated fields by ", ": what no single field could say gives them away. */
function checkJoined(source: Source): Refusal | undefined {
  const host = source.header("host");
  if (host !== undefined) {
    const refusal = checkHost(host);
    if (refusal !== undefined) return refusal;
  }
  const coding = source.header("transfer-encoding");
  if (coding !== undefined) {
    const refusal = checkCoding(coding, source.protocol);
    if (refusal !== undefined) return refusal;
  }
  const type = source.header("content-type");
  if (type !== undefined && (hasListComma(type) || !isFieldValue(type)))
    return { status: 400, why: `Content-Type ${quote(type)} is not one media type` };
  const authorization = source.header("authorization");
  if (authorization !== undefined && SECOND_SCHEME.test(unquoted(authorization)))
    return { status: 400, why: "two Authorization fields" };
  const length = source.header("content-length");
  if (length !== undefined && !isOneLength(length)) return { status: 400, why: `Content-Length ${quote(length)}` };
  return undefined;
}

// `Basic abc, Bearer def`: a comma and a second scheme. The parameters of one scheme have a "=" where the space is.
const SECOND_SCHEME = /, ?[!#$%&'*+.^_`|~\w-]+ +[^ =,]/;

function unquoted(value: string): string {
  return value.includes('"') ? value.replace(/"(?:[^"\\]|\\.)*"/g, '""') : value;
}

function hasListComma(value: string): boolean {
  return value.includes(",") && unquoted(value).includes(",");
}

/** RFC 9110 8.6: the same length said twice may pass as one, two different ones are an attack. */
function isOneLength(value: string): boolean {
  if (DIGITS.test(value)) return true;
  const parts = value.split(",").map((part) => part.trim());
  return parts.length > 1 && parts.every((part) => DIGITS.test(part) && part === parts[0]);
}
