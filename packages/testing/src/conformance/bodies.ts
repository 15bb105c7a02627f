import type { Body, Chunk, Environ, StartResponse, Write } from "@tsgi/core";
import { note } from "./observe.ts";

// Bodies and heads that rows share. `watched` notes what the gateway does to a body: next, return, close.

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A 200 with a text type. */
export function text(start: StartResponse, more: readonly (readonly [string, string])[] = []): Write {
  return start("200 OK", [
    ["Content-Type", "text/plain; charset=utf-8"],
    ...more.map(([n, v]): [string, string] => [n, v]),
  ]);
}

export function json(start: StartResponse, value: unknown): Body {
  start("200 OK", [["Content-Type", "application/json"]]);
  return [JSON.stringify(value)];
}

/** A body that gives what `next` gives and notes `return` and `close`, each time they are called. */
export function watched(environ: Environ, next: (pull: number) => Promise<Chunk | null> | Chunk | null): Body {
  let pulls = 0;
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const value = await next(pulls++);
        return value === null ? { done: true as const, value: undefined } : { done: false as const, value };
      },
      async return() {
        note(environ, "return");
        return { done: true as const, value: undefined };
      },
    }),
    close() {
      note(environ, "close");
    },
  };
}

/** What a call throws, as text: `TypeError: …`; `"nothing"` when it does not. */
export function thrownBy(call: () => unknown): string {
  try {
    call();
    return "nothing";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : `thrown ${String(error)}`;
  }
}

export function never(): Promise<never> {
  return new Promise(() => {});
}

/** Does something after the answer; a runtime that stops when the answer is out is asked to wait. */
export function later(environ: Environ, ms: number, act: () => void): void {
  const done = sleep(ms).then(act);
  environ["tsgi.wait_until"]?.(done);
}

/** The field that says it, and pieces of text in that coding. */
export const CHUNKED = ["Transfer-Encoding: chunked"] as const;

export function chunked(...pieces: readonly string[]): string {
  return [...pieces, ""].map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("");
}
