import { isInRange, parseIp, parseRange, type Ip, type IpRange } from "./address.ts";
import { checkHost } from "./check-request.ts";
import type { Bindings, Body, Environ, ErrorLog, Native, Runtime } from "./contract.ts";
import { readProxyFields, type Client, type Trust } from "./forwarded.ts";
import { quote } from "./grammar.ts";
import type { Limits } from "./limits.ts";
import { buildRequest } from "./request.ts";
import type { Payload, Refusal, RequestParts, Source } from "./source.ts";

const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1"],
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/**
 * Makes of `trustedProxy` what an adapter applies to each source before it calls `handle`. A request that comes from a
 * trusted proxy is then seen as its client sent it: REMOTE_ADDR, tsgi.url_scheme and HTTP_HOST are what the proxy says
 * in `Forwarded` (RFC 7239) or `X-Forwarded-For`, `-Proto`, `-Host`, `-Port`, and those fields are visible. Of a request
 * from anybody else they stay invisible, and nothing in them counts.
 *
 * @param spec addresses, CIDR ranges, `loopback`, `private`, `unix`, `*`: a list, or one string with commas or spaces
 *   between; absent or empty trusts nobody and costs nothing
 * @returns the source itself, or one that stands before it
 * @throws TypeError naming an entry that is none of these
 * @example
 * const trust = trusting(options.trustedProxy); // once
 * void handle(app, trust(new MySource(request)), sink);
 */
export function trusting(spec: string | readonly string[] | undefined): (source: Source) => Source {
  const text = typeof spec === "string" ? spec.trim() : undefined;
  const entries = text === undefined ? (spec ?? []) : text === "" ? [] : text.split(/ *, *| +/);
  if (!Array.isArray(entries)) throw wrong(spec);
  const ranges: IpRange[] = [];
  let anyone = false;
  let unix = false;
  for (const entry of entries as readonly unknown[]) {
    if (entry === "*") anyone = true;
    else if (entry === "unix") unix = true;
    else if (typeof entry !== "string") throw wrong(entry);
    else
      for (const text of Object.hasOwn(NAMED, entry) ? NAMED[entry] : [entry]) {
        const range = parseRange(text);
        if (range === undefined) throw wrong(entry);
        ranges.push(range);
      }
  }
  if (entries.length === 0) return (source) => source;
  const trusts: Trust = (ip) => anyone || (ip !== undefined && ranges.some((range) => isInRange(ip, range)));
  return (source) => {
    const trusted = source.unixPeer === true ? anyone || unix : trusts(peerOf(source));
    return trusted ? new ProxiedSource(source, trusts) : source;
  };
}

function wrong(entry: unknown): TypeError {
  return new TypeError(
    `trustedProxy: ${quote(entry)} is no IP address and no CIDR range, and none of "loopback", "private", "unix", "*"`,
  );
}

/** A link-local address comes with the name of its interface: fe80::1%eth0. */
function peerOf(source: Source): Ip | undefined {
  const address = source.remoteAddr;
  return address === undefined ? undefined : parseIp(address.replace(/%.*$/, ""));
}

/** Every member of a Source, the optional ones too: one that is added there is missed here at compile time. */
type Whole = { readonly [Key in keyof Required<Source>]: Source[Key] };

/** A request as the client sent it to the outermost proxy that is trusted. */
class ProxiedSource implements Whole {
  readonly trusted = true;
  readonly scheme: string;
  private readonly inner: Source;
  private readonly refusal: string | undefined;
  private readonly client: Client | undefined;
  /** The Host that the client asked for, when the proxy says that it was another one. */
  private readonly host: string | undefined;

  constructor(source: Source, trusts: Trust) {
    const told = readProxyFields(source, trusts);
    this.inner = source;
    this.refusal = typeof told === "string" ? told : undefined;
    const { client, scheme, host } = typeof told === "string" ? {} : told;
    this.client = client;
    this.scheme = scheme ?? source.scheme;
    this.host = host === source.header("host") ? undefined : host;
  }

  /** Absent when the proxy does not say it: its own address would open doors to a client that has hidden. */
  get remoteAddr(): string | undefined {
    if (this.client === undefined) return this.inner.remoteAddr;
    return this.client.ip === undefined ? undefined : this.client.text;
  }

  get remotePort(): string | undefined {
    return this.client === undefined ? this.inner.remotePort : this.client.port;
  }

  refuse(): Refusal | undefined {
    const { inner } = this;
    const own = inner.refuse?.();
    if (own !== undefined) return own;
    if (this.refusal !== undefined) return { status: 400, why: this.refusal };
    // Deno makes its URL of the Host that came: that one must not move the path either
    return inner.fieldsChecked === true ? undefined : checkHost(inner.header("host") ?? "");
  }

  header(name: string): string | undefined {
    return name === "host" && this.host !== undefined ? this.host : this.inner.header(name);
  }

  headerNames(): Iterable<string> {
    const names = this.inner.headerNames();
    return this.host === undefined || this.inner.header("host") !== undefined ? names : ["host", ...names];
  }

  /** The runtime's own Request shows the URL that the proxy asked for. */
  get hasRequest(): boolean | undefined {
    return this.isMoved ? false : this.inner.hasRequest;
  }

  request(parts: RequestParts): Request {
    if (!this.isMoved) return this.inner.request(parts);
    const fields: string[] = [];
    const seen = new Set<string>();
    for (const given of this.headerNames()) {
      const name = given.toLowerCase();
      if (!seen.has(name)) fields.push(name, this.header(name) ?? "");
      seen.add(name);
    }
    if (this.inner.hasRequest === true) return buildRequest(this, fields, parts);
    const { url } = parts;
    const withFields: RequestParts = {
      url,
      fields,
      // as they are wanted: to ask for the signal is to listen for a disconnect
      get signal() {
        return parts.signal;
      },
      get input() {
        return parts.input;
      },
    };
    return this.inner.request(withFields);
  }

  private get isMoved(): boolean {
    return this.host !== undefined || this.scheme !== this.inner.scheme;
  }

  // ---- as it came --------------------------------------------------------------------------------------------------

  get method(): string {
    return this.inner.method;
  }
  get target(): string {
    return this.inner.target;
  }
  get protocol(): string {
    return this.inner.protocol;
  }
  get serverName(): string {
    return this.inner.serverName;
  }
  get serverPort(): string {
    return this.inner.serverPort;
  }
  get serverSoftware(): string | undefined {
    return this.inner.serverSoftware;
  }
  get unixPeer(): boolean | undefined {
    return this.inner.unixPeer;
  }
  get runtime(): Runtime {
    return this.inner.runtime;
  }
  get native(): Native {
    return this.inner.native;
  }
  get bindings(): Bindings | undefined {
    return this.inner.bindings;
  }
  get limits(): Limits {
    return this.inner.limits;
  }
  get errors(): ErrorLog | undefined {
    return this.inner.errors;
  }
  get multiprocess(): boolean | undefined {
    return this.inner.multiprocess;
  }
  get mount(): string | undefined {
    return this.inner.mount;
  }
  get extra(): Partial<Environ> | undefined {
    return this.inner.extra;
  }
  get fieldsChecked(): boolean | undefined {
    return this.inner.fieldsChecked;
  }
  /** They have been looked at: what a proxy says is in them. */
  get fieldsLater(): false {
    return false;
  }
  get hostMovesTarget(): boolean | undefined {
    return this.inner.hostMovesTarget;
  }
  get framing(): readonly string[] | undefined {
    return this.inner.framing;
  }
  refuseFields(): Refusal | undefined {
    return this.inner.refuseFields?.();
  }
  get patience(): Source["patience"] {
    return this.inner.patience;
  }
  get waitUntil(): ((promise: PromiseLike<unknown>) => void) | undefined {
    return this.inner.waitUntil;
  }
  get fileWrapper(): ((file: unknown, blockSize?: number) => Body) | undefined {
    return this.inner.fileWrapper;
  }
  payload(): Payload | null {
    return this.inner.payload();
  }
  onDisconnect(listener: () => void): void {
    this.inner.onDisconnect(listener);
  }
}
