import type { Bytes, Input } from "./contract.ts";
import { isDigits } from "./grammar.ts";
import type { Limits } from "./limits.ts";
import type { Payload, WholeKind } from "./source.ts";

/**
 * What `tsgi.input` rejects with. Uncaught, it is answered with its `status` instead of a 500; when the client has gone
 * there is nobody to answer and the connection closes.
 */
export class InputError extends Error {
  override readonly name = "InputError";
  /** 400 for a body that is malformed or cut short, 413 for one that is too large. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** What an input is read from: the part of a Source that it needs. */
export interface InputSource {
  readonly limits: Limits;
  payload(): Payload | null;
  header(name: string): string | undefined;
}

/** Who sends the body. */
export interface Client {
  /** Why it counts as gone, once it has. */
  readonly gone: unknown;
}

const decoder = new TextDecoder();
const ignore = (): void => {};
/** A read that nobody awaits may fail all the same: it is no unhandled rejection. */
function quiet(reading: Promise<unknown>): Promise<unknown> {
  reading.then(undefined, ignore);
  return reading;
}

const NOTHING = new Uint8Array(0) as Bytes;

/** The request body, read once: `environ["tsgi.input"]`. The first read attaches to the transport, not before. */
export class RequestInput implements Input {
  // private to the language: who prints a copy of an environ prints neither a Worker's secrets nor a circle
  readonly #source: InputSource;
  readonly #client: Client | undefined;
  #payload: Payload | null | undefined = undefined;
  private iterator: AsyncIterator<Uint8Array> | undefined = undefined;
  /** Bytes that were taken from the transport and not yet from us. */
  private rest: Uint8Array | undefined = undefined;
  private count = 0;
  private ended = false;
  private whole: WholeKind | "stream" | undefined = undefined;
  /** The native reader at work. */
  private reading: Promise<unknown> | undefined = undefined;
  /** Why no more can be read: a body that was cut must not pass for a whole one when it is read again. */
  private failed: { error: unknown } | undefined = undefined;

  constructor(source: InputSource, client?: Client) {
    this.#source = source;
    this.#client = client;
  }

  /** Whether somebody has begun to read. */
  get started(): boolean {
    return this.whole !== undefined || this.iterator !== undefined;
  }

  /** Whether nothing is left for the gateway to take in; a stream that was handed over is the app's. */
  get isRead(): boolean {
    return this.ended || this.whole === "stream";
  }

  bytes(): Promise<Bytes> {
    return this.readWhole("bytes") as Promise<Bytes>;
  }

  text(): Promise<string> {
    return this.readWhole("text") as Promise<string>;
  }

  json<T = unknown>(): Promise<T> {
    return this.readWhole("json") as Promise<T>;
  }

  formData(): Promise<FormData> {
    return this.readWhole("formData") as Promise<FormData>;
  }

  stream(): ReadableStream<Bytes> & AsyncIterable<Bytes> {
    if (!this.started) {
      const payload = this.open();
      if (payload?.stream !== undefined && payload.length !== undefined && payload.length <= this.#source.limits.body) {
        this.whole = "stream";
        return payload.stream() as ReadableStream<Bytes> & AsyncIterable<Bytes>;
      }
    }
    return new ReadableStream<Bytes>(
      {
        pull: async (controller) => {
          const chunk = await this.take();
          if (chunk === null) controller.close();
          else controller.enqueue(chunk as Bytes);
        },
        cancel: () => {
          // what was let go did not come to its end: the connection behind it closes
          if (!this.ended) this.fail(new InputError(400, "tsgi.input: its stream was cancelled, and the rest let go"));
          this.letGo();
        },
      },
      { highWaterMark: 0 },
    ) as ReadableStream<Bytes> & AsyncIterable<Bytes>;
  }

  async read(size: number): Promise<Bytes> {
    if (!Number.isInteger(size) || size < 0)
      throw new TypeError(`tsgi.input.read(${String(size)}): a whole number of bytes of at least 0 is wanted`);
    if (size === 0) return NOTHING;
    const chunk = await this.take();
    if (chunk === null) return NOTHING;
    if (chunk.length > size) this.rest = chunk.subarray(size);
    return chunk.subarray(0, size) as Bytes;
  }

  [Symbol.asyncIterator](): AsyncIterator<Bytes> {
    return {
      next: async () => {
        const chunk = await this.take();
        return chunk === null ? { done: true, value: undefined } : { done: false, value: chunk as Bytes };
      },
      // a reader that stops early leaves the rest to whoever reads next, or to the gateway's drain
      return: async () => ({ done: true, value: undefined }),
    };
  }

  /**
   * Takes in what nobody read, so that the connection can serve another request.
   *
   * @returns whether the body is now read to its end; `false` means that the connection has to close
   */
  async drain(): Promise<boolean> {
    if (this.ended) return true;
    const { drain, drainTime } = this.#source.limits;
    const payload = this.open();
    // a client that waits to be asked for its body is not asked now
    if (payload?.awaited === true && !this.started) return false;
    if (!this.started && payload?.length !== undefined && payload.length > drain) return false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), drainTime);
    });
    try {
      return await Promise.race([this.discard(drain), late]);
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  private async discard(bound: number): Promise<boolean> {
    if (this.whole !== undefined) {
      await this.reading?.then(ignore, ignore);
      return this.ended;
    }
    let taken = 0;
    for (;;) {
      const chunk = await this.take();
      if (chunk === null) return true;
      taken += chunk.length;
      if (taken > bound) return false;
    }
  }

  private open(): Payload | null {
    if (this.#payload === undefined) this.#payload = this.#source.payload();
    return this.#payload;
  }

  private checkDeclared(payload: Payload): void {
    const limit = this.#source.limits.body;
    if (payload.length !== undefined && payload.length > limit) throw tooLarge(limit);
  }

  private readWhole(kind: WholeKind): Promise<unknown> {
    if (this.whole !== undefined)
      return Promise.reject(
        new TypeError(`tsgi.input.${kind}(): the body was already read by ${this.whole}(); it is read once`),
      );
    this.whole = kind;
    return (this.reading = this.readNatively(kind) ?? quiet(this.collect(kind)));
  }

  /** By the runtime's own reader, when it can keep to the limit. */
  private readNatively(kind: WholeKind): Promise<unknown> | undefined {
    const payload = this.open();
    if (payload === null || this.iterator !== undefined) return undefined;
    try {
      this.checkDeclared(payload);
      return payload.whole?.(kind, this.#source.limits.body)?.then(
        (value) => {
          this.ended = true;
          return value;
        },
        (error) => {
          // not before it fails: a promise for every read would cost each of them
          if (this.reading !== undefined) quiet(this.reading);
          throw this.misread(error, kind);
        },
      );
    } catch (error) {
      return quiet(Promise.reject(this.misread(error, kind)));
    }
  }

  private misread(error: unknown, kind: WholeKind): InputError {
    const named = this.explain(error, kind);
    if (misread.has(named)) this.ended = true;
    return named;
  }

  private async collect(kind: WholeKind): Promise<unknown> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let chunk = await this.next(); chunk !== null; chunk = await this.next()) {
      chunks.push(chunk);
      size += chunk.length;
    }
    return convert(kind, join(chunks, size), this.#source.header("content-type"));
  }

  private take(): Promise<Uint8Array | null> {
    if (this.whole === undefined) return this.next();
    return Promise.reject(new TypeError(`tsgi.input: the body was already read by ${this.whole}(); it is read once`));
  }

  /** The next piece of the body, counted against the limit; `null` at its end. */
  private async next(): Promise<Uint8Array | null> {
    if (this.rest !== undefined) {
      const { rest } = this;
      this.rest = undefined;
      return rest;
    }
    if (this.ended) return null;
    if (this.failed !== undefined) throw this.failed.error;
    const payload = this.open();
    if (payload === null) {
      this.ended = true;
      return null;
    }
    if (this.iterator === undefined) {
      this.checkDeclared(payload);
      this.iterator = payload.chunks();
    }
    const limit = this.#source.limits.body;
    for (;;) {
      let step: IteratorResult<Uint8Array>;
      try {
        step = await this.iterator.next();
      } catch (error) {
        throw this.fail(this.explain(error, "bytes"));
      }
      if (step.done === true) {
        this.ended = true;
        return null;
      }
      this.count += step.value.length;
      if (this.count > limit) {
        this.letGo();
        throw this.fail(tooLarge(limit));
      }
      if (step.value.length > 0) return step.value;
    }
  }

  private fail(error: InputError): InputError {
    this.failed = { error };
    return error;
  }

  private letGo(): void {
    this.iterator?.return?.()?.then(undefined, () => {});
  }

  /** A transport's own error, named: what failed while reading is the client's doing, not the app's. */
  private explain(error: unknown, kind: WholeKind): InputError {
    if (error instanceof InputError) return error;
    if (this.#client?.gone !== undefined)
      return new InputError(400, "tsgi.input: the client left before the body was whole", { cause: error });
    if (error instanceof SyntaxError) return malformed(kind, error);
    return new InputError(400, "tsgi.input: the body is malformed or was cut short", { cause: error });
  }
}

function tooLarge(limit: number): InputError {
  return new InputError(413, `tsgi.input: the body is larger than ${limit} bytes (limits.body)`);
}

function malformed(kind: WholeKind, cause: unknown): InputError {
  const what = kind === "json" ? "is not JSON" : "is not a form that its Content-Type names";
  const error = new InputError(400, `tsgi.input.${kind}(): the body ${what}`, { cause });
  misread.add(error);
  return error;
}

/** Errors of a body that was read to its end and is not what was asked for: the connection is as good as before. */
const misread = new WeakSet<InputError>();

function join(chunks: Uint8Array[], size: number): Bytes {
  const whole = new Uint8Array(size) as Bytes;
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/**
 * Bytes as text, JSON or form fields.
 *
 * @throws InputError 400 when they are no such thing
 */
export async function convert(kind: WholeKind, bytes: Bytes, contentType: string | undefined): Promise<unknown> {
  if (kind === "bytes") return bytes;
  try {
    if (kind === "formData")
      return await new Response(
        bytes,
        contentType === undefined ? {} : { headers: { "content-type": contentType } },
      ).formData();
    const text = decoder.decode(bytes);
    return kind === "text" ? text : JSON.parse(text);
  } catch (error) {
    throw malformed(kind, error);
  }
}

/** A repeated Content-Length that says the same twice counts once (RFC 9110 8.6); Bun and Deno hand over "5, 5". */
export function oneLength(value: string): string {
  const comma = value.indexOf(",");
  return comma < 0 ? value : value.slice(0, comma).trim();
}

/** A Content-Length field as a number; a length that no number holds is beyond every limit. */
export function declaredLength(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const one = oneLength(value);
  if (!isDigits(one)) return undefined;
  const length = Number(one);
  return Number.isSafeInteger(length) ? length : Infinity;
}
