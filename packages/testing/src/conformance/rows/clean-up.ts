import type { App, Body } from "@tsgi/core";
import type { Client, Row } from "../row.ts";
import { counts, equal, includes, sorted } from "../check.ts";
import { never, sleep, text, watched } from "../bodies.ts";
import { faulty, note } from "../observe.ts";

// A body is cleaned up exactly once, whatever ended it: return() on its iterator unless that came to its own end, then
// close(); and when the client has left, tsgi.signal aborts.

/** A row whose answer is read whole; then the log must show exactly this. */
function after(name: string, app: App, wanted: Record<string, number>, look?: (t: Client) => Promise<void>): Row {
  return [
    `clean-up: ${name}`,
    app,
    async (t) => {
      await (look ?? (async () => equal((await t.ask()).status, 200, "status")))(t);
      equal(counts(await t.until(Object.keys(wanted))), sorted(wanted), "log");
    },
    "PEP 3333 Handling the Content-Length Header, CVE-2022-23634",
  ];
}

const three = (environ: Parameters<App>[0]): Body => watched(environ, (pull) => (pull < 3 ? `${pull}` : null));

export const cleanUp: readonly Row[] = [
  after(
    "after the end: close once and no return",
    (environ, start) => {
      text(start);
      return three(environ);
    },
    { close: 1 },
  ),
  after(
    "an array with close is closed once",
    (environ, start) => {
      text(start);
      return Object.assign(["a"], { close: () => note(environ, "close") });
    },
    { close: 1 },
  ),
  after(
    "an array of several chunks with close is closed once",
    (environ, start) => {
      text(start);
      return Object.assign(["a", "b"], { close: () => note(environ, "close") });
    },
    { close: 1 },
  ),
  after(
    "close may be asynchronous",
    (environ, start) => {
      text(start);
      return Object.assign(["a"], {
        close: async () => {
          await sleep(20);
          note(environ, "close");
        },
      });
    },
    { close: 1 },
  ),
  after(
    "a generator runs its finally once",
    function* (environ, start) {
      text(start);
      try {
        yield "a";
        yield "b";
      } finally {
        note(environ, "finally");
      }
    },
    { finally: 1 },
  ),
  after(
    "an error of the iteration: close once and no return",
    (environ, start) => {
      text(start);
      return watched(environ, () => {
        throw new Error("on purpose");
      });
    },
    { close: 1 },
    async (t) => equal((await t.ask()).status, 500, "status"),
  ),
  after(
    "an error after the first chunk: close once and no return",
    (environ, start) => {
      text(start);
      return watched(environ, async (pull) => {
        if (pull === 0) return "a";
        await sleep(10);
        throw new Error("on purpose");
      });
    },
    { close: 1 },
    async (t) => t.broken(await t.ask()),
  ),
  after(
    "a bad chunk: return and close once",
    faulty((environ, start) => {
      text(start);
      return watched(environ, () => 7 as unknown as string);
    }),
    { close: 1, return: 1 },
    async (t) => equal((await t.ask()).status, 500, "status"),
  ),
  after(
    "startResponse never called: return at most once and close once",
    faulty((environ) => watched(environ, () => null)),
    { close: 1 },
    async (t) => equal((await t.ask()).status, 500, "status"),
  ),
  after(
    "too many bytes for the Content-Length: return and close once",
    faulty((environ, start) => {
      text(start, [["Content-Length", "2"]]);
      return watched(environ, () => "abc");
    }),
    { close: 1, return: 1 },
    async (t) => equal((await t.ask()).text, "ab", "body"),
  ),
  after(
    "too few bytes for the Content-Length: close once",
    faulty((environ, start) => {
      text(start, [["Content-Length", "10"]]);
      return three(environ);
    }),
    { close: 1 },
    async (t) => t.broken(await t.ask()),
  ),
  after(
    "a ReadableStream that is not read to its end is cancelled once",
    faulty((environ, start) => {
      text(start, [["Content-Length", "3"]]);
      return new ReadableStream({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode("ab"));
        },
        cancel() {
          note(environ, "cancel");
        },
      }) as unknown as Body;
    }),
    { cancel: 1 },
    async (t) => equal((await t.ask()).text, "aba", "body"),
  ),
  after(
    "HEAD cancels a ReadableStream once",
    (environ, start) => {
      text(start);
      return new ReadableStream(
        {
          pull() {
            note(environ, "pulled");
          },
          cancel() {
            note(environ, "cancel");
          },
        },
        { highWaterMark: 0 },
      ) as unknown as Body;
    },
    { cancel: 1 },
    async (t) => equal((await t.ask({ method: "HEAD" })).status, 200, "status"),
  ),
  after(
    "HEAD disposes once of a body that has no close but Symbol.asyncDispose",
    (environ, start) => {
      text(start);
      return {
        [Symbol.asyncIterator]: () => ({ next: () => never() }),
        [Symbol.asyncDispose]: async () => note(environ, "dispose"),
      } as Body;
    },
    { dispose: 1 },
    async (t) => equal((await t.ask({ method: "HEAD" })).status, 200, "status"),
  ),
  [
    "clean-up: an error in close is logged and the answer unharmed",
    (_environ, start) => {
      text(start);
      return Object.assign(["whole"], {
        close() {
          throw new Error("close failed");
        },
      });
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text, answer.whole], [200, "whole", true], "answer");
      includes(await t.errors("close failed"), "close failed", "errors");
    },
  ],
  [
    "clean-up: a rejection of an asynchronous close is logged and the answer unharmed",
    (_environ, start) => {
      text(start);
      return Object.assign(["who", "le"], {
        async close() {
          await sleep(5);
          throw new Error("close failed later");
        },
      });
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text, answer.whole], [200, "whole", true], "answer");
      includes(await t.errors("close failed later"), "close failed later", "errors");
    },
  ],
  [
    "clean-up: an error in return is logged and close is still called",
    faulty((environ, start) => {
      text(start, [["Content-Length", "1"]]);
      return {
        [Symbol.iterator]: () => ({
          next: () => ({ done: false as const, value: "ab" }),
          return(): IteratorResult<string> {
            throw new Error("return failed");
          },
        }),
        close: () => note(environ, "close"),
      };
    }),
    async (t) => {
      equal((await t.ask()).text, "a", "body");
      includes(await t.errors("return failed"), "return failed", "errors");
      equal(counts(await t.until(["close"])), { close: 1 }, "log");
    },
  ],
];
