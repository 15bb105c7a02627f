import type { Chunk } from "../contract.ts";
import type { Head } from "../sink.ts";
import { ResponseSink, type FieldsInit } from "./response-sink.ts";

/** An answer through a server that listens by itself, which Bun's and Deno's do: the end of a connection is ours to say. */
export class ServingSink extends ResponseSink {
  private readonly state: { readonly closing: boolean };
  /** The connection serves no further request. */
  private last = false;

  /** @param state whether the server closes, asked anew for each answer */
  constructor(state: { readonly closing: boolean }) {
    super();
    this.state = state;
  }

  override send(head: Head, chunk: Chunk | null): void {
    this.last = head.close && this.closes;
    super.send(head, chunk);
  }

  /** A polyfill's Response, or another realm's, is none to the runtime: Bun answers 204, and Deno ends the process. */
  override respond(response: Response): void {
    const some: object = response;
    super.respond(some instanceof Response ? some : new Response(response.body, response));
  }

  /** Whether saying the end does not lose the answer. */
  protected get closes(): boolean {
    return true;
  }

  /** A server that closes says so, and no client sends another request into a connection that is about to end. */
  protected override give(response: Response): void {
    if (this.state.closing || this.last)
      try {
        response.headers.set("Connection", "close");
      } catch {
        // a Response from fetch() or Response.redirect() is immutable
      }
    super.give(response);
  }

  /** Without a body both say `Content-Length: 0` to HEAD, which is not what GET would say (RFC 9110 8.6). */
  protected override unread(): ReadableStream<Uint8Array> {
    return new ReadableStream();
  }

  /** Both send a reason phrase of their own: to say one costs 120 ns for nothing (Deno). */
  protected override initOf(head: Head, headers: FieldsInit): ResponseInit {
    return { status: head.code, headers };
  }
}
