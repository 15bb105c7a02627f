import type { Bytes, Chunk, Header } from "../contract.ts";
import { isDigits, isHopByHop } from "../grammar.ts";
import { NativeBody } from "../body.ts";
import type { Head } from "../sink.ts";
import { OWN_HEAD, parseStatus } from "../start-response.ts";
import { status as statusOf } from "../status.ts";

// A Response on its way through filters: they see an ordinary status line, header list and body; when nobody has
// changed any of the three, the Response itself goes out. A rebuilt one loses 15 to 45 % of the speed.

let hides: boolean | undefined;

/**
 * Whether the runtime keeps the type of a text body to itself (Bun): `headers` does not tell it, and once somebody has
 * asked for `body` it is lost, and the text goes out as application/octet-stream.
 */
function hidesType(): boolean {
  return (hides ??= !new Response("").headers.has("content-type"));
}

/** On a Response that has left, where the runtime does not say so itself. */
const SENT: unique symbol = Symbol("has left");
/** The fields that a Response had before a filter's were appended to it. */
const BEFORE: unique symbol = Symbol("fields before");
type Marked = Response & { [SENT]?: true; [BEFORE]?: readonly Readonly<Header>[] };

/** Remembers that a Response has left: once its `body` was looked at, Deno's `bodyUsed` says nothing of it any more. */
export function markSent(response: Response): void {
  if (Object.isExtensible(response)) (response as Marked)[SENT] = true;
}

/** Whether a Response has left with its body: one without may serve for many answers. */
export function wasSent(response: Response): boolean {
  return (response as Marked)[SENT] === true && response.body !== null;
}

/** Where undici 6 keeps a Response's state: under a symbol, and in it what the body was made of. */
let state: symbol | null | undefined;

interface State {
  readonly body?: { readonly source?: unknown } | null;
}

/**
 * The text or bytes that a body nobody has read was made of, where the runtime keeps them (Node 20 and 22): to read them
 * back through its stream takes as long as to make the Response. On others `undefined`, and the stream is read.
 */
function sourceOf(response: Response): Chunk | undefined {
  if (state === undefined) {
    const probe = new Response("probe");
    const symbols = Object.getOwnPropertySymbols(probe);
    state = symbols.find((symbol) => stateOf(probe, symbol)?.body?.source === "probe") ?? null;
  }
  if (state === null) return undefined;
  const source = stateOf(response, state)?.body?.source;
  return typeof source === "string" || source instanceof Uint8Array ? source : undefined;
}

function stateOf(response: Response, symbol: symbol): State | undefined {
  return (response as unknown as Record<symbol, State | undefined>)[symbol];
}

type List = Readonly<Header>[];

/** A Response's fields as a header list: read out of it when somebody first looks. What belongs to a connection stays behind. */
class View implements ProxyHandler<List> {
  /** Whose fields they are, until somebody has looked. */
  response: Response | undefined;
  /** What the Proxy stands for. */
  readonly list: List = [];

  constructor(response: Response) {
    this.response = response;
  }

  /** The list, read. */
  get fields(): List {
    const { response, list } = this;
    if (response !== undefined) {
      this.response = undefined;
      // on Deno the iterator takes 0.6 µs for one field, this 0.1
      response.headers.forEach((value, name) => {
        if (!isHopByHop(name)) list.push(Object.freeze([name, value] as Header));
      });
      Object.freeze(list);
    }
    return list;
  }

  get(_list: List, key: string | symbol): unknown {
    if (key === OWN_HEAD) return (line: string) => new ResponseHead(line, this);
    return Reflect.get(this.fields, key);
  }

  has(_list: List, key: string | symbol): boolean {
    return Reflect.has(this.fields, key);
  }

  ownKeys(): (string | symbol)[] {
    return Reflect.ownKeys(this.fields);
  }

  getOwnPropertyDescriptor(_list: List, key: string | symbol): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.fields, key);
  }

  isExtensible(): boolean {
    return Reflect.isExtensible(this.fields);
  }

  preventExtensions(): boolean {
    return Reflect.preventExtensions(this.fields);
  }

  set(): boolean {
    return false;
  }

  defineProperty(): boolean {
    return false;
  }

  deleteProperty(): boolean {
    return false;
  }
}

function viewOf(response: Response): readonly Readonly<Header>[] {
  const view = new View(response);
  return new Proxy(view.list, view);
}

/** The head of a Response: its fields are read when they are needed, which is never when it goes out as it came. */
class ResponseHead implements Head {
  readonly code: number;
  readonly reason: string;
  readonly bodiless: boolean;
  readonly close = false;
  private readonly view: View;
  private read: string[] | undefined = undefined;
  private declared = -1;

  constructor(line: string, view: View) {
    const { code, reason } = parseStatus(line);
    this.code = code;
    this.reason = reason;
    this.bodiless = code === 204 || code === 205 || code === 304;
    this.view = view;
  }

  get fields(): string[] {
    if (this.read === undefined) {
      const read: string[] = (this.read = []);
      const keep = (value: string, name: string): void => {
        if (name === "content-length") this.declared = isDigits(value) ? Number(value) : -1;
        else if (!isHopByHop(name)) read.push(name, value);
      };
      const { response } = this.view;
      // nobody has looked at the list: then nobody needs it
      if (response !== undefined) response.headers.forEach(keep);
      else for (const [name, value] of this.view.list) keep(value, name);
    }
    return this.read;
  }

  get length(): number {
    if (this.code === 204) return -1;
    if (this.code === 205) return 0;
    return this.fields === undefined ? -1 : this.declared;
  }

  get typed(): boolean {
    return this.view.fields.some(([name]) => name === "content-type");
  }
}

function lineOf(response: Response): string {
  const line = statusOf(response.status);
  const text = response.statusText;
  return text === "" || line.endsWith(` ${text}`) ? line : `${response.status} ${text}`;
}

const ignore = (): void => {};

/** The body that `fromFetch` returns: it remembers the Response, and the status line and list it began with. */
export class ResponseBody extends NativeBody {
  readonly response: Response;
  private readonly mayLook: boolean;
  private lineOnce: string | undefined = undefined;
  private listOnce: readonly Readonly<Header>[] | undefined = undefined;
  private reader: ReadableStreamDefaultReader<Uint8Array> | undefined = undefined;
  private ahead: Promise<ReadableStreamReadResult<Uint8Array>>[] | undefined = undefined;
  /** The body has left with a Response: whoever reads that one ends it. */
  private given = false;

  /**
   * @param mayLook asking for `body` does no harm: on Bun a text loses its type by it, on Deno four fifths of the speed and
   *   its length
   */
  constructor(response: Response, mayLook: boolean) {
    super();
    this.response = response;
    this.mayLook = mayLook;
  }

  get line(): string {
    return (this.lineOnce ??= lineOf(this.response));
  }

  get list(): readonly Readonly<Header>[] {
    return (this.listOnce ??= (this.response as Marked)[BEFORE] ?? viewOf(this.response));
  }

  /** Fields were appended to the Response for another request: what goes out now is a new one, with those it had before. */
  get isAppended(): boolean {
    return (this.response as Marked)[BEFORE] !== undefined;
  }

  get streams(): boolean {
    // where asking would lose the type, what has none counts as text
    if (hidesType() && !this.response.headers.has("content-type")) return false;
    return this.response.body !== null;
  }

  keeps(request: Request): boolean {
    // Bun is not asked, and need not be: it takes in by itself what nobody read
    if (hidesType() || request.bodyUsed) return true;
    const { body } = request;
    return body === null || body.locked || this.response.body === body;
  }

  asItCame(): Response {
    this.given = true;
    return this.response;
  }

  /** The Response for a head: itself when the head is its own, with fields appended when some came to it, else a new one. */
  answer(line: string, list: readonly Readonly<Header>[]): Response {
    if (line === this.line && !this.isAppended && (list === this.list || this.append(list))) return this.asItCame();
    const { code, reason } = parseStatus(line);
    const init = { status: code, statusText: reason, headers: list as [string, string][] };
    // a status that admits no body: the one there is stays here, and is let go of
    if (code === 204 || code === 205 || code === 304) {
      if (code !== 304) init.headers = init.headers.filter(([name]) => name.toLowerCase() !== "content-length");
      return new Response(null, init);
    }
    this.given = true;
    return new Response(this.response.body, init);
  }

  private append(list: readonly Readonly<Header>[]): boolean {
    const { list: own, response } = this;
    const { length } = own;
    if (list.length < length || this.isEmpty) return false;
    for (let i = 0; i < length; i++) if (list[i] !== own[i]) return false;
    try {
      for (let i = length; i < list.length; i++) response.headers.append(list[i][0], list[i][1]);
    } catch {
      return false; // a Response from fetch() or Response.redirect() is immutable
    }
    if (!this.mayLook && Object.isExtensible(response)) (response as Marked)[BEFORE] = own;
    return true;
  }

  /**
   * Without a body an app may return the same object for every request: it stays as it was made. Where nobody may look, the
   * fields that it had are kept for the next time (`BEFORE`).
   */
  private get isEmpty(): boolean {
    const { status } = this.response;
    return status === 204 || status === 205 || status === 304 || (this.mayLook && this.response.body === null);
  }

  /**
   * The whole body when it is at hand (made from text or bytes), without waiting for a turn of the event loop; else
   * `null`, and what was read meanwhile comes first in the iteration.
   */
  atHand(turn: boolean): Chunk | Promise<Uint8Array | null> {
    const { body } = this.response;
    if (body === null) return "";
    const source = body.locked ? undefined : sourceOf(this.response);
    if (source === undefined) {
      this.reader = body.getReader();
      return this.readSoon(turn);
    }
    this.given = true;
    markSent(this.response);
    return source;
  }

  private async readSoon(turn: boolean): Promise<Uint8Array | null> {
    const got: { first?: Uint8Array; ended: boolean; over: boolean } = { ended: false, over: false };
    const take = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void => {
      got.over ||= done || got.first !== undefined;
      got.ended = done;
      got.first ??= value;
      if (!got.over) this.read().then(take, ignore);
    };
    this.read().then(take, ignore);
    // a body made from a string settles within some microtasks; a stream that waits for anything does not
    for (let tick = 0; tick < 24 && !got.over; tick++) await undefined;
    // on workerd not even a string does
    const turns = turn ? 2 : 0;
    for (let i = 0; i < turns && !got.over; i++) await new Promise((resolve) => setTimeout(resolve, 0));
    got.over = true;
    return got.ended ? (got.first ?? new Uint8Array(0)) : null;
  }

  /** One read more, which the iteration will find. */
  private read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    const read = (this.reader as ReadableStreamDefaultReader<Uint8Array>).read();
    (this.ahead ??= []).push(read);
    return read;
  }

  /** Lets go of a body that nobody has begun to read: a filter that answers otherwise calls this alone. */
  close(): unknown {
    if (this.given || this.reader !== undefined) return undefined;
    const { body } = this.response;
    return body === null || body.locked ? undefined : body.cancel().catch(() => {});
  }

  [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    const { body } = this.response;
    return {
      next: async () => {
        if (body === null) return { done: true, value: undefined };
        this.reader ??= body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
        const step = await (this.ahead?.shift() ?? this.reader.read());
        return step.done ? { done: true, value: undefined } : { done: false, value: step.value as Bytes };
      },
      return: async () => {
        if (body !== null) await (this.reader === undefined ? body.cancel() : this.reader.cancel());
        return { done: true, value: undefined };
      },
    };
  }
}
