import { checkField, checkFieldsOf, checkFraming, checkHost, checkRequest } from "./check-request.ts";
import type { NativeBody } from "./body.ts";
import type { ErrorLog } from "./contract.ts";
import { InputError, oneLength, RequestInput } from "./input.ts";
import type { Refusal, Source } from "./source.ts";
import { decodePath, pathAndQueryOf, pathOf, queryOf } from "./target.ts";

const VERSION = Object.freeze([1, 0]) as readonly [1, 0];

const consoleErrors: ErrorLog = {
  write: (text) => console.error(text.endsWith("\n") ? text.slice(0, -1) : text),
  flush: () => {},
};

/** Checks that a request has still before it. */
const EACH = 1;
const FIRST = 2;
const FRAMING = 4;
const AUTHORITY = 8;

/**
 * One request as it comes in: what was already read from the source, so that each part is made at most once. What is done
 * about it, the one subclass knows (`handle.ts`): a request is one object, since a second one costs each.
 */
export abstract class Incoming {
  readonly source: Source;
  /** Each field is checked when somebody looks at it, some with the first one, some with the body (`fieldsLater`). */
  private unchecked = 0;
  private madePath: string | undefined = undefined;
  /** What every copy of the environ sees as `tsgi.input`. */
  private madeInput: RequestInput | undefined = undefined;
  // What most requests never come to is absent until it is set, as in `handle.ts`.
  declare private madeScript: string | undefined;
  declare private madeSignal: AbortController | undefined;
  declare private madeRequest: Request | undefined;
  /** The Request that a fetch handler was given: the body may be in its hands. */
  declare handed: Request | undefined;
  /** Why the client counts as gone, once it has. */
  declare gone: unknown;
  /** What was wrong with the fields when somebody looked, and the error that said so. */
  declare refused: { readonly error: InputError; readonly refusal: Refusal } | undefined;

  constructor(source: Source) {
    this.source = source;
  }

  /** Something was read that must know of a disconnect. */
  abstract watch(): void;

  /** Whether a Response may leave without a head: nobody stands between its app and the server who would look at one. */
  abstract passes(startResponse: unknown, body: NativeBody): boolean;

  /** What is wrong with the request, as far as that is looked at before the app is called. */
  protected check(): Refusal | undefined {
    const { source } = this;
    const refusal = checkRequest(source);
    if (refusal !== undefined) return refusal;
    if (source.fieldsLater !== true) return checkFieldsOf(source);
    const bodiless = source.method === "GET" || source.method === "HEAD";
    this.unchecked = EACH | FIRST | AUTHORITY | (bodiless ? FRAMING : 0);
    return bodiless ? undefined : checkFraming(source);
  }

  /** The request-target, once it is known to be the one that the client asked for. */
  private get target(): string {
    const { source } = this;
    if ((this.unchecked & AUTHORITY) !== 0 && source.hostMovesTarget === true) this.lookAtHost();
    return source.target;
  }

  /** Before the first field, and a target that is cut from a URL: Host can move its path. */
  private lookAtHost(): void {
    this.pass(checkHost(this.source.header("host") ?? ""));
    this.unchecked &= ~AUTHORITY;
  }

  /** The path as it came, neither decoded nor resolved. */
  get rawPath(): string {
    return pathOf(this.target);
  }

  /**
   * What is checked before the first field is handed out.
   *
   * @throws InputError with the status of a refusal, each time that somebody looks
   */
  private look(): void {
    this.pass(this.source.refuseFields?.());
    if ((this.unchecked & AUTHORITY) !== 0) this.lookAtHost();
    this.unchecked &= ~FIRST;
  }

  private pass(refusal: Refusal | undefined): void {
    if (this.refused !== undefined) throw this.refused.error;
    if (refusal === undefined) return;
    const error = new InputError(refusal.status, `the request is refused: ${refusal.why}`);
    this.refused = { error, refusal };
    throw error;
  }

  get query(): string {
    return queryOf(this.target);
  }

  get path(): string {
    if (this.madePath === undefined) this.splitPath();
    return this.madePath as string;
  }

  get scriptName(): string {
    if (this.source.mount === undefined) return "";
    if (this.madeScript === undefined) this.splitPath();
    return this.madeScript as string;
  }

  /** PATH_INFO is what follows the mount in the path as a whole, so that it is the same as under urlmap. */
  private splitPath(): void {
    const raw = this.rawPath;
    const whole = raw === "*" ? raw : decodePath(raw);
    const mount = this.source.mount;
    if (mount === undefined) {
      this.madePath = whole;
      return;
    }
    const script = decodePath(mount).replace(/\/+$/, "");
    const under =
      script !== "" && whole.startsWith(script) && (whole.length === script.length || whole[script.length] === "/");
    this.madeScript = under ? script : "";
    this.madePath = under ? whole.slice(script.length) : whole;
  }

  get requestUri(): string {
    return pathAndQueryOf(this.target);
  }

  get input(): RequestInput {
    if ((this.unchecked & FRAMING) !== 0) {
      this.pass(checkFraming(this.source));
      this.unchecked &= ~FRAMING;
    }
    return (this.madeInput ??= new RequestInput(this.source, this));
  }

  /** The input if somebody has asked for it: what was never asked for was never read. */
  get inputIfMade(): RequestInput | undefined {
    return this.madeInput;
  }

  get signal(): AbortSignal {
    if (this.madeSignal === undefined) {
      this.madeSignal = new AbortController();
      if (this.gone !== undefined) this.madeSignal.abort(this.gone);
      else this.watch();
    }
    return this.madeSignal.signal;
  }

  get hasSignal(): boolean {
    return this.madeSignal !== undefined;
  }

  get errors(): ErrorLog {
    return this.source.errors ?? consoleErrors;
  }

  get request(): Request {
    const { source } = this;
    return source.hasRequest === true ? source.request(this) : (this.madeRequest ??= source.request(this));
  }

  /** The URL of the request as its target stands, on the Host that was checked at the door. */
  get url(): string {
    const { source } = this;
    const host = this.header("host");
    const name = source.serverName;
    const authority =
      host !== undefined && host !== "" && checkHost(host) === undefined
        ? host
        : `${name.includes(":") ? `[${name}]` : name}:${source.serverPort}`;
    // a target that starts with two slashes is still a path: it is put behind the authority, never resolved against it
    return `${source.scheme}://${authority}${this.requestUri === "*" ? "/*" : this.requestUri}`;
  }

  /** The client has gone: said once, to whoever listens. */
  protected abort(reason: unknown): void {
    if (this.gone !== undefined) return;
    this.gone = reason;
    this.madeSignal?.abort(reason);
  }

  /** One environ key, `undefined` when the request has no such thing. */
  read(key: string): unknown {
    const reader = READERS.get(key);
    if (reader !== undefined) return reader(this, this.source);
    const name = headerOfKey(key);
    return name === undefined ? undefined : this.field(name);
  }

  /** A field by its lower-case name. A proxy's fields are lies when a stranger sends them. */
  private field(name: string): string | undefined {
    const forwarded = name.startsWith("x-forwarded-") || name === "forwarded";
    return forwarded && this.source.trusted !== true ? undefined : this.header(name);
  }

  /** One field by its lower-case name. */
  header(name: string): string | undefined {
    if (this.unchecked === 0) return this.source.header(name);
    if ((this.unchecked & FIRST) !== 0) this.look();
    const value = this.source.header(name);
    if (value !== undefined) this.pass(checkField(this.source, name, value));
    return value;
  }

  /** Every key there is, whether or not its value is made yet. */
  *keys(): Iterable<string> {
    if ((this.unchecked & FIRST) !== 0) this.look();
    for (const key of READERS.keys())
      if (!HIDDEN.has(key) && (COSTLY.has(key) || this.read(key) !== undefined)) yield key;
    const seen = new Set<string>();
    for (const field of this.source.headerNames()) {
      if (field.includes("_")) continue;
      const key = `HTTP_${field.toUpperCase().replaceAll("-", "_")}`;
      if (seen.has(key) || this.read(key) === undefined) continue;
      seen.add(key);
      yield key;
    }
  }
}

type Reader = (incoming: Incoming, source: Source) => unknown;

/** Where each key that is no header comes from. */
const READERS: ReadonlyMap<string, Reader> = new Map(
  Object.entries<Reader>({
    REQUEST_METHOD: (_incoming, source) => source.method,
    SCRIPT_NAME: (incoming) => incoming.scriptName,
    PATH_INFO: (incoming) => incoming.path,
    QUERY_STRING: (incoming) => incoming.query,
    REQUEST_URI: (incoming) => incoming.requestUri,
    CONTENT_TYPE: (incoming) => incoming.header("content-type"),
    CONTENT_LENGTH: (incoming) => {
      const value = incoming.header("content-length");
      return value === undefined ? value : oneLength(value);
    },
    SERVER_NAME: (_incoming, source) => source.serverName,
    SERVER_PORT: (_incoming, source) => source.serverPort,
    SERVER_PROTOCOL: (_incoming, source) => source.protocol,
    SERVER_SOFTWARE: (_incoming, source) => source.serverSoftware,
    REMOTE_ADDR: (_incoming, source) => source.remoteAddr,
    REMOTE_PORT: (_incoming, source) => source.remotePort,
    "tsgi.version": () => VERSION,
    "tsgi.url_scheme": (_incoming, source) => source.scheme,
    "tsgi.input": (incoming) => incoming.input,
    "tsgi.errors": (incoming) => incoming.errors,
    "tsgi.multithread": () => false,
    "tsgi.multiprocess": (_incoming, source) => source.multiprocess ?? false,
    "tsgi.run_once": () => false,
    "tsgi.runtime": (_incoming, source) => source.runtime,
    "tsgi.signal": (incoming) => incoming.signal,
    "tsgi.request": (incoming) => incoming.request,
    "tsgi.wait_until": (_incoming, source) => source.waitUntil,
    "tsgi.file_wrapper": (_incoming, source) => source.fileWrapper,
    "tsgi.bindings": (_incoming, source) => source.bindings,
    "tsgi.native": (_incoming, source) => source.native,
  }),
);

/** Values that cost something to make: listing the keys must not make them. */
export const COSTLY: ReadonlySet<string> = new Set(["tsgi.input", "tsgi.signal", "tsgi.request"]);
/** Keys that no listing shows: the runtime's own objects, and a Worker's secrets. */
export const HIDDEN: ReadonlySet<string> = new Set(["tsgi.native", "tsgi.bindings"]);

const names = new Map<string, string | undefined>();

/**
 * The field that an `HTTP_*` key stands for: HTTP_ACCEPT_LANGUAGE is accept-language. A field with an underscore in its
 * name can so never be reached (CVE-2024-45614), nor can `Proxy` (CVE-2016-5385).
 */
function headerOfKey(key: string): string | undefined {
  if (!key.startsWith("HTTP_")) return undefined;
  const known = names.get(key);
  if (known !== undefined) return known;
  const rest = key.slice(5);
  if (rest === "" || rest === "PROXY" || rest === "CONTENT_TYPE" || rest === "CONTENT_LENGTH" || /[a-z-]/.test(rest))
    return undefined;
  const name = rest.toLowerCase().replaceAll("_", "-");
  if (names.size < 1000) names.set(key, name); // capped: an app may ask for any key
  return name;
}
