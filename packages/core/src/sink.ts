import type { Chunk } from "./contract.ts";

/**
 * The head of an answer, checked and ready to send: nothing in it can end a line. Answers that are alike have the same
 * object, so a sink may keep with it what it made of it, and changes nothing in it.
 */
export interface Head {
  readonly code: number;
  /** Empty when the app gave none: a sink that writes a status line completes it (`status`). */
  readonly reason: string;
  /** Names and values in turn, in the app's order: latin-1, without Content-Length and whatever belongs to a connection. */
  readonly fields: readonly string[];
  /**
   * The Content-Length that the app declared, -1 for none. Without one a chunk that is given whole tells the length,
   * also of a HEAD, but not of a 204 or 304; a stream has none and is sent in chunks.
   */
  readonly length: number;
  /** A Content-Type is among the fields. */
  readonly typed: boolean;
  /** No body byte may follow (HEAD, 204, 205, 304), whatever `length` says and whatever chunk is given. */
  readonly bodiless: boolean;
  /** The connection serves no further request: the request was refused, or its body left unread. */
  readonly close: boolean;
}

/** A body to pull from. A sink asks for one chunk at a time, when the client has room: that is the back-pressure. */
export interface Chunks {
  /**
   * The next chunk, never empty; `null` at the end; `undefined` when it comes later, and then `to` is told of it. A sink
   * asks again only when it has had the last. Throws, or tells `to` that it is lost, when the answer has to be broken
   * off: the error is in the log already, and is not the client's business.
   */
  pullTo(to: Puller): Uint8Array | null | undefined;
  /** The client has gone: nothing more will be asked for. Harmless at any time, and beside `onDisconnect`. */
  cancel(): void;
}

/** Who takes what a pull gives later: one of the two is called, once for each pull. Neither throws. */
export interface Puller {
  /** The chunk, or the end. */
  pulled(chunk: Uint8Array | null): void;
  lost(error: unknown): void;
}

/**
 * The next chunk, or a promise of it when it comes later: `await nextOf(chunks)`, for a sink that does not mind a promise
 * for each. Throws or rejects when the answer has to be broken off.
 */
export function nextOf(chunks: Pick<Chunks, "pullTo">): Uint8Array | null | Promise<Uint8Array | null> {
  let to!: Puller;
  const later = new Promise<Uint8Array | null>((resolve, reject) => (to = { pulled: resolve, lost: reject }));
  const chunk = chunks.pullTo(to);
  return chunk === undefined ? later : chunk;
}

/**
 * One answer as an adapter sends it. Core calls one of `send`, `stream` and `respond`, once, or none of them when the
 * client left first. What a sink throws in there is logged, and `abort` follows.
 */
export interface Sink {
  /** The whole answer: head, and the one chunk there is (text goes out as UTF-8); `null` for none. */
  send(head: Head, chunk: Chunk | null): void;
  /** The head at once, then what `chunks` gives, until its end. The sink breaks the connection itself when that fails. */
  stream(head: Head, chunks: Chunks): void;
  /** Break the connection, so that a truncated answer cannot pass for a whole one. Nothing was sent yet, perhaps. */
  abort(): void;
  /** Send a Response as it is; absent where the runtime knows no Response, whose body is then streamed. */
  respond?(response: Response): void;
  /**
   * The exchange is over, however it ended, and what the body held is let go: told once, perhaps before `handle` returns.
   * Without it `handle` makes a promise of that.
   */
  finished?(): void;
  /** A host's own error handling, asked before the 500: `true` means that the host answers. */
  fail?(error: unknown): boolean;
}
