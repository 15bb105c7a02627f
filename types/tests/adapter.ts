import {
  handle,
  limitsOf,
  type App,
  type Chunks,
  type Environ,
  type Head,
  type Payload,
  type Sink,
  type Source,
} from "@tsgi/core";
import { nextOf, RequestSource, ResponseSink } from "@tsgi/core/adapter";
import type { Equal, Expect, NoAny } from "./expect.ts";

// Another runtime's adapter: made by hand, and made of what ours share.

declare const app: App;

/** A callback-shaped runtime implements Source and Sink. */
export class CallbackSink implements Sink {
  send(head: Head, chunk: Uint8Array | string | null): void {
    const code: number = head.code;
    const fields: readonly string[] = head.fields;
    void [code, fields, chunk];
  }
  stream(_head: Head, chunks: Chunks): void {
    const later = nextOf(chunks);
    type _Later = Expect<Equal<typeof later, Uint8Array | null | Promise<Uint8Array | null>>>;
    const chunk = chunks.pullTo({ pulled: () => {}, lost: () => {} });
    type _Now = Expect<Equal<typeof chunk, Uint8Array | null | undefined>>;
    chunks.cancel();
  }
  abort(): void {}
}

/** A fetch-shaped one overrides what it knows better. */
export class FastlySource extends RequestSource {
  override get runtime(): string {
    return "fastly";
  }
  get extra(): Partial<Environ> {
    return { REMOTE_USER: "ann" };
  }
  override payload(): Payload | null {
    return super.payload();
  }
}

export const serve = (request: Request): Response | Promise<Response> => {
  const sink = new ResponseSink();
  const done = handle(app, new FastlySource(request), sink);
  type _ = Expect<Equal<typeof done, void | Promise<void>>>;
  return sink.result;
};

// @ts-expect-error half a sink
handle(app, {} as Source, { send() {} });
// @ts-expect-error no such limit
limitsOf({ bodies: 5 });

export type Leaks = [Expect<NoAny<typeof handle>>, Expect<NoAny<typeof limitsOf>>];
