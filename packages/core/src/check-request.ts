import { isDigits, isFieldValue, isHost, isMethod, quote } from "./grammar.ts";
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
    if (!isMethod(method)) return { status: 400, why: `method ${quote(method)} is no token` };
  }
  if (target.charCodeAt(0) !== 47 && !isTarget(target, method))
    return { status: 400, why: `target ${quote(target)} is neither a path nor an http URL` };
  return undefined;
}

/** What is wrong with the header fields of a request: all that are looked at, at once. */
export function checkFieldsOf(source: Source): Refusal | undefined {
  if (source.fieldsChecked === true) return undefined;
  return source.refuseFields?.() ?? checkEach(source, JOINED.keys());
}

/** Where a body may follow: the Host, and how the body is framed (RFC 9112 6), unless the transport has seen to it. */
export function checkFraming(source: Source): Refusal | undefined {
  return checkEach(source, source.framing ?? FRAMING);
}

/** What is wrong with one field, by its lower-case name. */
export function checkField(source: Source, name: string, value: string): Refusal | undefined {
  return JOINED.get(name)?.(value, source);
}

function checkEach(source: Source, names: Iterable<string>): Refusal | undefined {
  for (const name of names) {
    const value = source.header(name);
    const refusal = value === undefined ? undefined : checkField(source, name, value);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
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

const FRAMING = ["host", "transfer-encoding", "content-length"];

/** The runtime has joined repeated fields by ", ": what no single field could say gives them away. */
const JOINED: ReadonlyMap<string, (value: string, source: Source) => Refusal | undefined> = new Map([
  ["host", checkHost],
  ["transfer-encoding", (coding: string, source: Source) => checkCoding(coding, source.protocol)],
  [
    "content-type",
    (type: string) =>
      hasListComma(type) || !isFieldValue(type)
        ? { status: 400, why: `Content-Type ${quote(type)} is not one media type` }
        : undefined,
  ],
  [
    "authorization",
    (value: string) =>
      SECOND_SCHEME.test(unquoted(value)) ? { status: 400, why: "two Authorization fields" } : undefined,
  ],
  [
    "content-length",
    (length: string) => (isOneLength(length) ? undefined : { status: 400, why: `Content-Length ${quote(length)}` }),
  ],
]);

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
  if (isDigits(value)) return true;
  const parts = value.split(",").map((part) => part.trim());
  return parts.length > 1 && parts.every((part) => isDigits(part) && part === parts[0]);
}
