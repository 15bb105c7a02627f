import type { Chunk, Chunks, Head, Header, HeaderList, Sink } from "@tsgi/core";
import { nextOf } from "@tsgi/core/adapter";

/** The head of an answer as a client would see it. */
export interface AnswerHead {
  readonly status: number;
  readonly statusLine: string;
  /** As the app gave them, and the Content-Length that the gateway knows. */
  readonly headers: HeaderList;
}

/** What a client would see of an answer, kept in memory. Pulls a chunk only when the test asks for one. */
export class MemorySink implements Sink {
  readonly head: Promise<AnswerHead | null>;
  private tellHead!: (head: AnswerHead | null) => void;
  private whole: Uint8Array | null = null;
  private chunks: Chunks | undefined = undefined;

  constructor() {
    this.head = new Promise((resolve) => (this.tellHead = resolve));
  }

  send(head: Head, chunk: Chunk | null): void {
    const bytes = chunk === null ? null : typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
    const length =
      head.length >= 0 ? head.length : bytes === null || head.code === 204 || head.code === 304 ? -1 : bytes.length;
    if (!head.bodiless && bytes !== null && bytes.length > 0) this.whole = bytes;
    this.tellHead(show(head, length));
  }

  stream(head: Head, chunks: Chunks): void {
    this.chunks = chunks;
    this.tellHead(show(head, head.length));
  }

  abort(): void {
    this.tellHead(null);
  }

  /** The next chunk of the body; `null` at its end. Rejects when the answer was broken off. */
  async next(): Promise<Uint8Array | null> {
    if ((await this.head) === null) throw new Error("the connection was broken before there was an answer");
    const { whole, chunks } = this;
    this.whole = null;
    if (whole !== null) return whole;
    return chunks === undefined ? null : nextOf(chunks);
  }
}

function show(head: Head, length: number): AnswerHead {
  const headers: HeaderList = [];
  for (let i = 0; i < head.fields.length; i += 2) headers.push([head.fields[i], head.fields[i + 1]] as Header);
  if (length >= 0) headers.push(["Content-Length", String(length)]);
  return { status: head.code, statusLine: `${head.code} ${head.reason}`, headers };
}
