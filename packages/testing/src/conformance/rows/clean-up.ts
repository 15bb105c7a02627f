import type { App, Body } from "@tsgi/core";
import type { Client, Row } from "../row.ts";
import { equal, includes, ok } from "../check.ts";
import { later, never, sleep, text, watched } from "../bodies.ts";
import { faulty, note } from "../observe.ts";

// A body is cleaned up exactly once, whatever ended it: return() on its iterator unless that came to its own end, then
// close(); and when the client has left, tsgi.signal aborts.

function counts(log: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const one of log) if (one !== "pull") found[one] = (found[one] ?? 0) + 1;
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

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

function sorted(wanted: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(wanted).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A row whose client leaves when the app has noted `when`; then the log must show exactly this. */
function leaving(name: string, app: App, when: string, wanted: Record<string, number>): Row[] {
  return (["reset", "close"] as const).map((how) => [
    `clean-up: the client leaves (${how}) ${name}`,
    app,
    async (t) => {
      const connection = await t.connect();
      connection.ask();
      await t.until([when]);
      connection[how]();
      equal(counts(await t.until(Object.keys(wanted))), sorted(wanted), "log");
      equal(await t.errors(), "", "errors");
      const check = await t.ask({ method: "OPTIONS" });
      equal(check.status, 200, "another request");
    },
    "CVE-2022-23634",
  ]);
}

/** Notes the abort of the signal; answers the kit's own OPTIONS by itself. */
function withSignal(app: App): App {
  return (environ, start) => {
    if (environ.REQUEST_METHOD === "OPTIONS") {
      text(start);
      return ["alive"];
    }
    environ["tsgi.signal"].addEventListener("abort", () => note(environ, "abort"));
    return app(environ, start);
  };
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
  ...leaving(
    "before the app's promise resolves: the signal aborts and the body is cleaned up unread",
    withSignal(async (environ, start) => {
      note(environ, "called");
      const { promise, done } = aborted(environ["tsgi.signal"]);
      await promise;
      done();
      text(start);
      return watched(environ, () => {
        note(environ, "pulled");
        return "x";
      });
    }),
    "called",
    { abort: 1, called: 1, close: 1, return: 1 },
  ).map(([name, app, client, rule]): Row => [name, tolerant(app), client, rule]),
  ...leaving(
    "with the first pull pending: the signal aborts, return and close once",
    withSignal((environ, start) => {
      text(start);
      return watched(environ, async () => {
        note(environ, "pulled");
        await sleep(300);
        return "late";
      });
    }),
    "pulled",
    { abort: 1, close: 1, pulled: 1, return: 1 },
  ),
  ...leaving(
    "mid-stream: the signal aborts, return and close once",
    withSignal((environ, start) => {
      text(start);
      return watched(environ, async (pull) => {
        if (pull === 3) note(environ, "started");
        await sleep(15);
        return `${pull}\n`;
      });
    }),
    "started",
    { abort: 1, close: 1, return: 1, started: 1 },
  ),
  ...leaving(
    "with a pull that never settles: the signal aborts, return and close once",
    withSignal((environ, start) => {
      text(start);
      return watched(environ, async (pull) => {
        if (pull === 0) return "first";
        note(environ, "stuck");
        return never();
      });
    }),
    "stuck",
    { abort: 1, close: 1, return: 1, stuck: 1 },
  ),
  ...leaving(
    "and an async generator runs its finally once its pull settles",
    withSignal((environ, start) => {
      text(start);
      return (async function* () {
        try {
          for (let i = 0; ; i++) {
            await sleep(15);
            if (i === 3) note(environ, "started");
            yield `${i}\n`;
          }
        } finally {
          note(environ, "finally");
        }
      })();
    }),
    "started",
    { abort: 1, finally: 1, started: 1 },
  ),
  ...leaving(
    "while an async generator awaits what the signal ends",
    withSignal((environ, start) => {
      text(start);
      return (async function* () {
        try {
          yield "first";
          note(environ, "waiting");
          await aborted(environ["tsgi.signal"]).promise;
          yield "dropped";
        } finally {
          note(environ, "finally");
        }
      })();
    }),
    "waiting",
    { abort: 1, finally: 1, waiting: 1 },
  ),
  ...leaving(
    "while the app writes: write throws or waits no more, and close once",
    withSignal(async (environ, start) => {
      const write = text(start);
      try {
        for (let i = 0; i < 200; i++) {
          await write(`${i}\n`);
          if (i === 3) note(environ, "started");
          await sleep(15);
        }
        note(environ, "never told");
      } catch {
        note(environ, "write threw");
      }
      return Object.assign([], { close: () => note(environ, "close") });
    }),
    "started",
    { abort: 1, close: 1, started: 1, "write threw": 1 },
  ),
  ...leaving(
    "and a ReadableStream is cancelled once",
    withSignal((environ, start) => {
      let pulls = 0;
      text(start);
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            if (++pulls === 3) note(environ, "started");
            await sleep(15);
            controller.enqueue(new TextEncoder().encode("x"));
          },
          cancel() {
            note(environ, "cancel");
          },
        },
        { highWaterMark: 0 },
      ) as unknown as Body;
    }),
    "started",
    { abort: 1, cancel: 1, started: 1 },
  ),
  [
    "clean-up: the signal does not abort after a whole answer",
    (environ, start) => {
      environ["tsgi.signal"].addEventListener("abort", () => note(environ, "abort"));
      later(environ, 150, () => note(environ, environ["tsgi.signal"].aborted ? "aborted" : "not aborted"));
      text(start);
      return ["whole"];
    },
    async (t) => {
      equal((await t.ask()).text, "whole", "body");
      equal(await t.until(["not aborted"]), ["not aborted"], "log");
    },
  ],
  [
    "clean-up: the signal does not abort after a whole stream",
    async function* (environ, start) {
      environ["tsgi.signal"].addEventListener("abort", () => note(environ, "abort"));
      later(environ, 200, () => note(environ, environ["tsgi.signal"].aborted ? "aborted" : "not aborted"));
      text(start);
      yield "a";
      await sleep(10);
      yield "b";
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.text, answer.whole], ["ab", true], "answer");
      equal(await t.until(["not aborted"]), ["not aborted"], "log");
    },
  ],
  [
    "clean-up: a signal that is first read after the client has left is aborted",
    (environ, start) => {
      text(start);
      return watched(environ, async (pull) => {
        if (pull === 0) note(environ, "pulled");
        await sleep(20);
        return "x";
      });
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask();
      await t.until(["pulled"]);
      connection.reset();
      equal(counts(await t.until(["close"])), { close: 1, pulled: 1, return: 1 }, "log");
    },
  ],
  [
    "clean-up: a client that reads nothing stops the iteration and is cleaned up when it leaves",
    (environ, start) => {
      text(start);
      const chunk = new Uint8Array(64 * 1024).fill(120);
      let given = 0;
      return watched(environ, () => {
        given += chunk.length;
        if (given % (1024 * 1024) === 0) note(environ, `${given / 1048576} MiB`);
        return chunk;
      });
    },
    async (t) => {
      const connection = await t.connect();
      connection.pause();
      connection.ask();
      let before = -1;
      let size = 0;
      // until nothing more is taken in
      for (let i = 0; i < 30 && size !== before; i++) {
        before = size;
        await t.sleep(200);
        size = (await t.log()).length;
      }
      ok(size < 64, `${size} MiB were produced for a client that reads nothing`);
      connection.reset();
      const log = counts((await t.until(["close"])).filter((one) => !one.endsWith("MiB")));
      equal(log, { close: 1, return: 1 }, "log");
    },
    "CVE-2022-23634",
  ],
];

/** Resolves when the signal aborts, or after two seconds. */
function aborted(signal: AbortSignal): { promise: Promise<void>; done(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const promise = new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve());
    timer = setTimeout(resolve, 2000);
  });
  return { promise, done: () => clearTimeout(timer) };
}

/** startResponse throws once the client has left, and an app may not care. */
function tolerant(app: App): App {
  return (environ, start) =>
    app(environ, (status, headers, error) => {
      try {
        return start(status, headers, error);
      } catch {
        return () => {};
      }
    });
}
