import { parseIp, type Ip } from "./address.ts";
import { isHost, quote } from "./grammar.ts";
import type { Source } from "./source.ts";

// What a trusted proxy says of the request that it passes on: RFC 7239 Forwarded, or the X-Forwarded-* fields that
// came before it. Both are lists to which each proxy appends, so they are walked from the right, where the nearest
// proxy wrote, up to the first address that is no proxy of ours. What stands left of it anybody can have written.

/** The client as a proxy names it. */
export interface Client {
  /** As it was written; no address when the proxy does not know it ("unknown") or hides it ("_gazonk"). */
  readonly text: string;
  readonly ip: Ip | undefined;
  readonly port: string | undefined;
}

/** What was said; what nobody said is `undefined`. */
export interface Told {
  readonly client?: Client | undefined;
  readonly scheme?: string | undefined;
  readonly host?: string | undefined;
}

export type Trust = (ip: Ip | undefined) => boolean;

/** What the proxies in front say, or in words why it cannot be believed. */
export function readProxyFields(source: Source, trusts: Trust): Told | string {
  const forwarded = readForwarded(source.header("forwarded") ?? "", trusts);
  if (typeof forwarded === "string") return forwarded;
  const legacy = readLegacy(source, trusts);
  if (typeof legacy === "string") return legacy;
  // a proxy that speaks one dialect passes the other on as the client sent it
  if (differ(forwarded.client, legacy.client, isSameClient)) return "Forwarded and X-Forwarded-For name two clients";
  if (differ(forwarded.scheme, legacy.scheme, Object.is)) return "Forwarded and X-Forwarded-Proto name two schemes";
  if (differ(forwarded.host, legacy.host, isSameHost)) return "Forwarded and X-Forwarded-Host name two hosts";
  return {
    client: forwarded.client ?? legacy.client,
    scheme: forwarded.scheme ?? legacy.scheme,
    host: forwarded.host ?? legacy.host,
  };
}

function differ<T>(one: T | undefined, other: T | undefined, isSame: (one: T, other: T) => boolean): boolean {
  return one !== undefined && other !== undefined && !isSame(one, other);
}

function isSameClient(one: Client, other: Client): boolean {
  return String(one.ip) === String(other.ip);
}

function isSameHost(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The hop to believe: leftwards past every proxy of ours. */
function believed(hops: readonly (Client | undefined)[], trusts: Trust): number {
  let hop = hops.length - 1;
  while (hop > 0 && hops[hop] !== undefined && trusts(hops[hop]?.ip)) hop--;
  return hop;
}

// ---- RFC 7239 ------------------------------------------------------------------------------------------------------

// One forwarded-pair and the delimiter behind it. Sticky, and no two parts that could share a character: linear.
const PAIR =
  /(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"([^"\\]*(?:\\.[^"\\]*)*)")[ \t]*)?(?:([,;])[ \t]*|$)/y;

function readForwarded(value: string, trusts: Trust): Told | string {
  const elements = parseForwarded(trim(value));
  if (elements === undefined) return `Forwarded ${quote(value)} is not what RFC 7239 says`;
  if (elements.length === 0) return {};
  const hops: (Client | undefined)[] = [];
  for (const element of elements) {
    const text = element.get("for");
    const client = text === undefined ? undefined : parseNode(text);
    if (text !== undefined && client === undefined) return `Forwarded: for=${quote(text)} is no node (RFC 7239 6)`;
    hops.push(client);
  }
  const hop = believed(hops, trusts);
  const scheme = schemeOf(elements[hop].get("proto"));
  if (scheme === "") return `Forwarded: proto=${quote(elements[hop].get("proto"))} is neither http nor https`;
  const host = elements[hop].get("host");
  if (host !== undefined && (host === "" || !isHost(host))) return `Forwarded: host=${quote(host)} is no host`;
  return { client: hops[hop] ?? hops[hop + 1], scheme, host };
}

/** The elements of a Forwarded field, each a map of lower-case names; `undefined` when it is malformed. */
function parseForwarded(value: string): Map<string, string>[] | undefined {
  const elements: Map<string, string>[] = [];
  let element = new Map<string, string>();
  for (let at = 0; ; at = PAIR.lastIndex) {
    PAIR.lastIndex = at;
    const match = PAIR.exec(value);
    if (match === null) return undefined;
    const [, name, token, quoted, delimiter] = match;
    if (name !== undefined) {
      // RFC 7239 4: a parameter does not occur twice
      if (element.has(name.toLowerCase())) return undefined;
      element.set(name.toLowerCase(), token ?? quoted.replace(/\\(.)/g, "$1"));
    }
    if (delimiter === ";") continue;
    if (element.size > 0) elements.push(element); // RFC 9110 5.6.1: empty elements do not count
    if (delimiter === undefined) return elements;
    element = new Map();
  }
}

const NODE = /^(?:([0-9.]+)|\[([0-9A-Fa-f:.]+)\]|unknown|_[\w.-]+)(?::(?:([0-9]{1,5})|_[\w.-]+))?$/i;

/** RFC 7239 6: an IPv4 address, an IPv6 address in brackets, "unknown" or "_obfuscated", and perhaps a port. */
function parseNode(text: string): Client | undefined {
  const match = NODE.exec(text);
  if (match === null || (match[3] !== undefined && Number(match[3]) > 65535)) return undefined;
  const address = match[1] ?? match[2];
  if (address === undefined) return { text, ip: undefined, port: undefined };
  const ip = parseIp(address);
  const isOfItsForm = (match[2] !== undefined) === address.includes(":");
  return ip === undefined || !isOfItsForm ? undefined : { text: address, ip, port: match[3] };
}

// ---- X-Forwarded-* -------------------------------------------------------------------------------------------------

function readLegacy(source: Source, trusts: Trust): Told | string {
  const hops: Client[] = [];
  for (const text of listOf(source.header("x-forwarded-for"))) {
    const ip = parseIp(text);
    // IPv6 stands without brackets here; some proxies add a port, which the field does not define
    const client = ip === undefined ? parseNode(text) : { text, ip, port: undefined };
    if (client === undefined) return `X-Forwarded-For: ${quote(text)} is no address`;
    hops.push({ ...client, port: undefined });
  }
  const hop = believed(hops, trusts);
  const fromRight = hops.length === 0 ? 0 : hops.length - 1 - hop;
  const proto = pick(source.header("x-forwarded-proto"), fromRight);
  const scheme = schemeOf(proto);
  if (scheme === "") return `X-Forwarded-Proto: ${quote(proto)} is neither http nor https`;
  const host = pick(source.header("x-forwarded-host"), fromRight);
  if (host !== undefined && !isHost(host)) return `X-Forwarded-Host: ${quote(host)} is no host`;
  const port = pick(source.header("x-forwarded-port"), fromRight);
  if (port !== undefined && (!/^[0-9]{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535))
    return `X-Forwarded-Port: ${quote(port)} is no port`;
  const base = host ?? source.header("host");
  return { client: hops[hop], scheme, host: port === undefined ? host : withPort(base, port, scheme ?? source.scheme) };
}

function withPort(host: string | undefined, port: string, scheme: string): string | undefined {
  if (host === undefined || host === "" || /:[0-9]*$/.test(host)) return host;
  return Number(port) === (scheme === "https" ? 443 : 80) ? host : `${host}:${Number(port)}`;
}

/** The element that the believed hop wrote. A list that not every proxy appends to is shorter: then the outermost. */
function pick(value: string | undefined, fromRight: number): string | undefined {
  const list = listOf(value);
  return list[Math.max(0, list.length - 1 - fromRight)];
}

function listOf(value: string | undefined): string[] {
  if (value === undefined || value === "") return [];
  return value
    .split(",")
    .map(trim)
    .filter((part) => part !== "");
}

/** `undefined` when nothing was said, `""` for what is no scheme. Traefik says ws and wss of an upgrade. */
function schemeOf(proto: string | undefined): string | undefined {
  if (proto === undefined) return undefined;
  const match = /^(?:http|ws)(s?)$/i.exec(proto);
  return match === null ? "" : `http${match[1].toLowerCase()}`;
}

/** Without the optional whitespace around it; a loop, since `[ \t]+$` takes quadratic time. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
