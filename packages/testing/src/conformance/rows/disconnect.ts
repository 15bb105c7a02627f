import type { App, Body } from "@tsgi/core";
import type { Row } from "../row.ts";
import { counts, equal, ok, sorted } from "../check.ts";
import { later, never, sleep, text, watched } from "../bodies.ts";
import { note } from "../observe.ts";

// A client that leaves: tsgi.signal aborts, and the body is cleaned up exactly once, wherever the answer was.

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

export const disconnect: readonly Row[] = [
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
    "clean-up: a client that leaves just before its stream begins: each body is returned and closed",
    async (environ, start) => {
      note(environ, "called");
      await sleep(5);
      // throws where the gateway knows already
      text(start);
      note(environ, "body");
      return watched(environ, async (pull) => {
        await sleep(20);
        return pull < 200 ? "x" : null;
      });
    },
    async (t) => {
      const asked = 10;
      for (let i = 0; i < asked; i++) {
        const connection = await t.connect();
        connection.ask();
        // a reset may overtake its own request, which nobody then sees
        await t.sleep(i % 5);
        connection.reset();
      }
      await t.until(["called"]);
      let log: Record<string, number> = {};
      for (let i = 0; i < 60; i++) {
        await t.sleep(50);
        log = counts(await t.log());
        if (log.body === log.close && log.body === log.return) break;
      }
      const { body = 0, close = 0, return: returned = 0 } = log;
      equal([close, returned], [body, body], `closed and returned of ${body} bodies`);
      ok(log.called !== undefined, "no request arrived");
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
