import { handle } from "../src/handle.ts";
import { limitsOf, type Limits } from "../src/limits.ts";
import { lazyRequest } from "../src/lazy-request.ts";
import { nextOf, type Chunks, type Head } from "../src/sink.ts";
import type { App, Environ } from "../src/contract.ts";
import type { Payload, Source } from "../src/source.ts";

// A request and its answer without a socket: a Source and a Sink over plain values, for the tests of this folder.

export interface Asked {
  method?: string;
  target?: string;
  headers?: readonly (readonly [string, string])[];
  body?: string | readonly (string | Uint8Array | Error)[];
  limits?: Partial<Limits>;
  source?: Partial<Source>;
  /** The client takes so many chunks of a streamed answer and then leaves; `0` leaves as soon as the head is out. */
  take?: number;
}

export interface Seen {
  status: number;
  reason: string;
  /** Names in lower case. */
  headers: [string, string][];
  header(name: string): string | undefined;
  text: string;
  chunks: string[];
  /** The connection was broken off. */
  broken: boolean;
  /** The body left as a stream, and not whole. */
  streamed: boolean;
  close: boolean;
  log: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A source over plain values, and the client's own hand on its connection. */
export function sourceOf(asked: Asked, log: string[] = []): { source: Source; leave(): void } {
  const listeners: (() => void)[] = [];
  const headers = asked.headers ?? [["host", "test.example"]];
  const { body } = asked;
  const pieces = body === undefined ? undefined : typeof body === "string" ? [body] : body;
  const payload: Payload | null =
    pieces === undefined
      ? null
      : {
          length: undefined,
          async *chunks() {
            for (const piece of pieces) {
              if (piece instanceof Error) throw piece;
              yield typeof piece === "string" ? encoder.encode(piece) : piece;
            }
          },
        };
  const source: Source = {
    method: asked.method ?? "GET",
    target: asked.target ?? "/",
    protocol: "HTTP/1.1",
    scheme: "http",
    serverName: "127.0.0.1",
    serverPort: "8080",
    runtime: "memory",
    native: { memory: {} },
    limits: limitsOf(asked.limits),
    errors: { write: (text) => void log.push(text), flush: () => {} },
    header: (name) =>
      headers
        .filter(([key]) => key.toLowerCase() === name)
        .map(([, value]) => value)
        .join(name === "cookie" ? "; " : ", ") || undefined,
    headerNames: () => headers.map(([key]) => key),
    payload: () => payload,
    onDisconnect: (listener) => void listeners.push(listener),
    request: (parts) => lazyRequest(source, headers.flat(), parts),
    ...asked.source,
  };
  return { source, leave: () => listeners.forEach((listener) => listener()) };
}

/** Serves one request and waits until the exchange is over, its clean-up included. */
export async function ask(app: App, asked: Asked = {}): Promise<Seen> {
  const log: string[] = [];
  const { source, leave } = sourceOf(asked, log);
  const seen: Seen = {
    status: 0,
    reason: "",
    headers: [],
    header: (name) =>
      seen.headers
        .filter(([key]) => key === name)
        .map(([, value]) => value)
        .join(", ") || undefined,
    text: "",
    chunks: [],
    broken: false,
    streamed: false,
    close: false,
    log: "",
  };
  const take = (head: Head): void => {
    seen.status = head.code;
    seen.reason = head.reason;
    seen.close = head.close;
    for (let i = 0; i < head.fields.length; i += 2)
      seen.headers.push([head.fields[i].toLowerCase(), head.fields[i + 1]]);
    if (head.length >= 0) seen.headers.push(["content-length", String(head.length)]);
  };
  const add = (chunk: string): void => {
    seen.chunks.push(chunk);
    seen.text += chunk;
  };
  const pull = async (chunks: Chunks): Promise<void> => {
    try {
      for (let left = asked.take ?? Infinity; ; left--) {
        if (left === 0) {
          chunks.cancel();
          leave();
          return;
        }
        const chunk = await nextOf(chunks);
        if (chunk === null) return;
        add(decoder.decode(chunk));
      }
    } catch {
      seen.broken = true;
    }
  };
  let pulled: Promise<void> | undefined;
  const done = handle(app, source, {
    send(head, chunk) {
      take(head);
      if (chunk !== null && !head.bodiless) add(typeof chunk === "string" ? chunk : decoder.decode(chunk));
    },
    stream(head, chunks) {
      take(head);
      seen.streamed = true;
      pulled = pull(chunks);
    },
    abort: () => void (seen.broken = true),
  });
  await done;
  await pulled;
  seen.log = log.join("");
  return seen;
}

/** The environ that an app gets for a request. */
export async function environFor(asked: Asked = {}): Promise<Environ> {
  let got: Environ | undefined;
  await ask((environ, startResponse) => {
    got = environ;
    startResponse("200 OK", []);
    return [];
  }, asked);
  if (got === undefined) throw new Error("the app was not called");
  return got;
}
