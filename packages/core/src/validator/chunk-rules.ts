import type { Chunk } from "../contract.ts";
import { refuse, show, warn } from "./error.ts";
import type { Exchange } from "./exchange.ts";

const encoder = new TextEncoder();

/** Checks a chunk of the body. */
export function checkChunk(chunk: unknown, exchange: Exchange): void {
  /// A26. A chunk is a string, which the server encodes as UTF-8, or a Uint8Array (a Buffer is one): no number, no other
  /// kind of buffer, nothing that would have to be guessed.
  if (typeof chunk !== "string" && !(chunk instanceof Uint8Array))
    refuse("A26", `body: a chunk is ${show(chunk)}; a string or Uint8Array is wanted`);
  checkBegun(exchange);
  countChunk(chunk, exchange);
}

/** Checks that there is a head. */
function checkBegun(exchange: Exchange): void {
  /// A27. `startResponse` is called before the body gives its first chunk, also an empty one, and before it ends. A
  /// generator may call it at its first pull.
  if (!exchange.begun) refuse("A27", "body: a chunk or the end came before startResponse was called; call it first");
  // a generator says its head at a pull, when the body itself is known already
  if (exchange.untyped !== undefined) throw exchange.untyped;
}

/** Counts a chunk against what the head says. */
export function countChunk(chunk: Chunk, exchange: Exchange): void {
  const size = typeof chunk === "string" ? encoder.encode(chunk).length : chunk.length;
  const count = exchange.add(size);
  /// A28. A 204, a 205 and a 304 have no content. The server sends none, and the validator warns.
  if (exchange.contentless && size > 0 && count === size)
    warn(exchange.errors, "A28", `body: ${size} bytes came with status ${exchange.code}; no content is wanted`);
  const { expected } = exchange;
  /// A29. A Content-Length is true: the body comes to as many bytes (not characters), unless the method is HEAD. The
  /// server cuts what is more and breaks the connection where it is less.
  if (expected >= 0 && count > expected)
    refuse("A29", `body: ${count} bytes came and Content-Length says ${expected}; exactly as many are wanted`);
}

/** Checks the end of a body. */
export function checkEnd(exchange: Exchange): void {
  checkBegun(exchange);
  const count = exchange.add(0);
  if (exchange.expected >= 0 && count < exchange.expected)
    refuse("A29", `body: ${count} bytes came and Content-Length says ${exchange.expected}; exactly as many are wanted`);
}
