import type { Chunk } from "./contract.ts";

/** The head of an answer, checked and ready to send. */
export interface Head {
  readonly code: number;
  /** Empty when the app gave none: a sink that writes a status line completes it. */
  readonly reason: string;
  /** Names and values in turn, in the app's order, without Content-Length. */
  readonly fields: readonly string[];
  /** The Content-Length that the app declared, -1 for none: a chunk that is given whole tells it, else there is none. */
  readonly length: number;
  /** No body byte may follow (HEAD, 204, 205, 304), whatever `length` says. */
  readonly bodiless: boolean;
  /** The connection serves no further request: the request's body was refused or left unread. */
  readonly close: boolean;
}

/** A body to pull from. A sink asks for one chunk at a time, when the client has room. */
export interface Chunks {
  /** The next chunk, never empty; `null` at the end. Throws or rejects when the answer has to be broken off. */
  next(): Uint8Array | null | Promise<Uint8Array | null>;
  /** The client has gone: nothing more will be asked for. */
  cancel(): void;
}

/** One answer as an adapter sends it. Core calls `send`, `stream` or `respond` at most once, and `abort` at most once. */
export interface Sink {
  /** The whole answer: head, and the one chunk there is. */
  send(head: Head, chunk: Chunk | null): void;
  /** The head at once, then what `chunks` gives, until its end. */
  stream(head: Head, chunks: Chunks): void;
  /** Break the connection, so that a truncated answer cannot pass for a whole one. */
  abort(): void;
  /** Send a Response as it is; absent where the runtime knows no Response. */
  respond?(response: Response): void;
  /** A host's own error handling, asked before the 500: `true` means that the host answers. */
  fail?(error: unknown): boolean;
}
