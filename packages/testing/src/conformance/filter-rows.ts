import type { App, Body, Chunk } from "@tsgi/core";
import { BrokenAnswerError, type Exchange, type RequestOptions, type TestAnswer } from "../memory/request.ts";
import { equal, includes, ok } from "./check.ts";

// What a filter has to keep of the app that it wraps: the error, write, close, the held head, back-pressure, HEAD and the
// disconnect.

/** What a row works with. */
export interface Bench {
  /** The app behind the filter, the validator on both sides. */
  wrap(app: App): App;
  ask(app: App, options?: RequestOptions): Promise<TestAnswer>;
  open(app: App, options?: RequestOptions): Exchange;
  /** The text that the filter makes of an app's. */
  text(given: string): string;
}

export type FilterRow = readonly [name: string, run: (bench: Bench) => Promise<void>, rule?: string];

const TYPE: [string, string][] = [["Content-Type", "text/plain"]];
const turn = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A body that notes what is done to it. */
function watched(log: string[], next: (pull: number) => Promise<Chunk | null> | Chunk | null): Body {
  let pulls = 0;
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        log.push("pull");
        const value = await next(pulls++);
        return value === null ? { done: true as const, value: undefined } : { done: false as const, value };
      },
      async return() {
        log.push("return");
        return { done: true as const, value: undefined };
      },
    }),
    close: () => void log.push("close"),
  };
}

const echo: App = async (environ, start) => {
  const body = await environ["tsgi.input"].text();
  start("200 OK", TYPE);
  return [body];
};

const count = (log: readonly string[], what: string): number => log.filter((one) => one === what).length;

async function text(bench: Bench, app: App, given: string): Promise<void> {
  const answer = await bench.ask(app);
  equal([answer.status, answer.text()], [200, bench.text(given)], "answer");
  equal(answer.errors, "", "errors");
}

export const rows: readonly FilterRow[] = [
  [
    "an array arrives",
    (bench) =>
      text(
        bench,
        (_environ, start) => {
          start("200 OK", TYPE);
          return ["one ", "two"];
        },
        "one two",
      ),
  ],
  [
    "an app that returns a promise",
    (bench) =>
      text(
        bench,
        async (_environ, start) => {
          await turn();
          start("200 OK", TYPE);
          return ["later"];
        },
        "later",
      ),
  ],
  [
    "a generator that calls startResponse at its first pull",
    (bench) =>
      text(
        bench,
        function* (_environ, start) {
          start("200 OK", TYPE);
          yield "lazy ";
          yield "head";
        },
        "lazy head",
      ),
  ],
  [
    "an async generator that calls startResponse late",
    (bench) =>
      text(
        bench,
        async function* (_environ, start) {
          await turn(10);
          start("200 OK", TYPE);
          yield "late ";
          await turn(5);
          yield "head";
        },
        "late head",
      ),
  ],
  [
    "write comes through, before the body",
    (bench) =>
      text(
        bench,
        (_environ, start) => {
          const write = start("200 OK", TYPE);
          void write("written ");
          return ["returned"];
        },
        "written returned",
      ),
  ],
  [
    "an empty body",
    async (bench) => {
      const answer = await bench.ask((_environ, start) => {
        start("200 OK", TYPE);
        return [];
      });
      equal(answer.status, 200, "status");
    },
  ],
  [
    "a 204 stays without a body and a 304 keeps its ETag",
    async (bench) => {
      for (const [line, headers] of [
        ["204 No Content", []],
        ["304 Not Modified", [["ETag", '"a"']]],
      ] as [string, [string, string][]][]) {
        const answer = await bench.ask((_environ, start) => {
          start(line, headers);
          return [];
        });
        equal([answer.status, answer.body.length], [Number(line.slice(0, 3)), 0], "answer");
        if (headers.length > 0) equal(answer.header("etag"), '"a"', "ETag");
      }
    },
  ],
  [
    "two Set-Cookie fields stay two",
    async (bench) => {
      const answer = await bench.ask((_environ, start) => {
        start("200 OK", [...TYPE, ["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]]);
        return ["x"];
      });
      const cookies = answer.headers.filter(([name]) => name.toLowerCase() === "set-cookie").map(([, value]) => value);
      ok(cookies.includes("a=1") && cookies.includes("b=2"), `the cookies are ${JSON.stringify(cookies)}`);
    },
    "RFC 6265 3",
  ],
  [
    "the list that the app gave is not changed",
    async (bench) => {
      const headers: [string, string][] = [...TYPE, ["X-App", "1"]];
      const before = JSON.stringify(headers);
      await bench.ask((_environ, start) => {
        start("200 OK", headers);
        return ["x"];
      });
      equal(JSON.stringify(headers), before, "headers");
    },
  ],
  [
    "an error is handed on, so that it replaces the head",
    async (bench) => {
      const answer = await bench.ask((_environ, start) => {
        start("200 OK", TYPE);
        start("503 Service Unavailable", TYPE, new Error("changed my mind"));
        return ["busy"];
      });
      equal(answer.status, 503, "status");
    },
    "PEP 3333 Error Handling",
  ],
  [
    "an error is thrown again once the head has left",
    async (bench) => {
      const mine = new Error("too late");
      let thrown: unknown;
      await brokenBy(bench, async function* (_environ, start) {
        start("200 OK", TYPE);
        yield "begun";
        await turn(5);
        try {
          start("500 Internal Server Error", TYPE, mine);
        } catch (error) {
          thrown = error;
          throw error;
        }
      });
      ok(thrown === mine, `startResponse threw ${String(thrown)}`);
    },
    "PEP 3333 Error Handling",
  ],
  [
    "a throw before the head is a 500",
    async (bench) => {
      const answer = await bench.ask(() => {
        throw new Error("thrown at once");
      });
      equal(answer.status, 500, "status");
      includes(answer.errors, "thrown at once", "errors");
    },
  ],
  [
    "a generator that throws before its first chunk is a 500",
    async (bench) => {
      const answer = await bench.ask(function* (_environ, start) {
        start("200 OK", TYPE);
        if (start.length >= 0) throw new Error("thrown by the generator");
        yield "never";
      });
      equal(answer.status, 500, "status");
      includes(answer.errors, "thrown by the generator", "errors");
    },
  ],
  [
    "an error after the first chunk breaks the answer off, and the body is closed once",
    async (bench) => {
      const log: string[] = [];
      const error = await brokenBy(bench, (_environ, start) => {
        start("200 OK", TYPE);
        return watched(log, async (pull) => {
          await turn(5);
          if (pull === 0) return "first";
          throw new Error("mid-body");
        });
      });
      includes(error.errors, "mid-body", "errors");
      equal(count(log, "close"), 1, "calls of close");
    },
  ],
  [
    "close is called once after the end",
    async (bench) => {
      const log: string[] = [];
      await bench.ask((_environ, start) => {
        start("200 OK", TYPE);
        return watched(log, (pull) => (pull < 3 ? "x" : null));
      });
      equal([count(log, "close"), count(log, "return")], [1, 0], "calls of close and return");
    },
  ],
  [
    "close of an array is called once",
    async (bench) => {
      let closed = 0;
      await bench.ask((_environ, start) => {
        start("200 OK", TYPE);
        return Object.assign(["x"], { close: () => void closed++ });
      });
      equal(closed, 1, "calls of close");
    },
  ],
  [
    "HEAD gives no body, and closes the app's once",
    async (bench) => {
      const log: string[] = [];
      const answer = await bench.ask(
        (_environ, start) => {
          start("200 OK", TYPE);
          return watched(log, async () => {
            await turn(5);
            return "endless";
          });
        },
        { method: "HEAD" },
      );
      equal([answer.status, answer.body.length], [200, 0], "answer");
      equal(count(log, "close"), 1, "calls of close");
      ok(count(log, "pull") <= 2, `${count(log, "pull")} chunks were pulled for a HEAD`);
    },
    "RFC 9110 9.3.2",
  ],
  [
    "the head of a silent stream is not held up",
    async (bench) => {
      const exchange = bench.open((_environ, start) => {
        start("200 OK", TYPE);
        return watched([], () => new Promise(() => {}));
      });
      const head = await Promise.race([exchange.head, turn(1000)]);
      ok(head !== undefined, "the head did not come within a second");
      exchange.disconnect();
    },
  ],
  [
    "a chunk arrives before the next is asked for",
    async (bench) => {
      const log: string[] = [];
      const exchange = bench.open((_environ, start) => {
        start("200 OK", TYPE);
        return watched(log, async (pull) => {
          await turn();
          return pull < 50 ? `${pull} ` : null;
        });
      });
      await exchange.head;
      await exchange.next();
      await turn(60);
      ok(count(log, "pull") <= 4, `${count(log, "pull")} chunks were pulled for a client that has taken one`);
      while ((await exchange.next()) !== null);
      await exchange.done;
      equal(count(log, "close"), 1, "calls of close");
    },
    "SPEC, back-pressure",
  ],
  [
    "the client leaves mid-stream: return and close once, and the signal aborts",
    async (bench) => {
      const log: string[] = [];
      const exchange = bench.open((environ, start) => {
        environ["tsgi.signal"].addEventListener("abort", () => log.push("abort"));
        start("200 OK", TYPE);
        return watched(log, async () => {
          await turn(5);
          return "x";
        });
      });
      await exchange.next();
      exchange.disconnect();
      await exchange.done;
      await turn(30);
      equal([count(log, "abort"), count(log, "return"), count(log, "close")], [1, 1, 1], "abort, return and close");
    },
  ],
  [
    "the client leaves with a pull that never settles: close once",
    async (bench) => {
      const log: string[] = [];
      const exchange = bench.open((_environ, start) => {
        start("200 OK", TYPE);
        return watched(log, (pull) => (pull === 0 ? "x" : new Promise(() => {})));
      });
      await exchange.next();
      void exchange.next().catch(() => {});
      await turn(20);
      exchange.disconnect();
      await turn(30);
      equal(count(log, "close"), 1, "calls of close");
    },
  ],
  [
    "the client leaves before the app's promise resolves: the body is closed unread",
    async (bench) => {
      const log: string[] = [];
      const exchange = bench.open(async (_environ, start) => {
        await turn(30);
        try {
          start("200 OK", TYPE);
        } catch {
          // the gateway has given up
        }
        return watched(log, () => "x");
      });
      await turn(5);
      exchange.disconnect();
      await exchange.done;
      equal([count(log, "pull"), count(log, "close")], [0, 1], "pulls and calls of close");
    },
  ],
  [
    "the app's input is the client's body",
    async (bench) => {
      const answer = await bench.ask(echo, { method: "POST", body: "sent by the client" });
      equal(answer.text(), bench.text("sent by the client"), "body");
    },
  ],
  [
    "the hidden keys of the environ reach the app",
    async (bench) => {
      const answer = await bench.ask(
        (environ, start) => {
          start("200 OK", TYPE);
          return [String("tsgi.native" in environ && environ["tsgi.bindings"]?.GREETING === "hello")];
        },
        { bindings: { GREETING: "hello" } },
      );
      equal(answer.text(), bench.text("true"), "seen by the app");
    },
  ],
  [
    "the end of the app's life is handed on",
    async (bench) => {
      let disposed = 0;
      const app: App = Object.assign(
        ((_environ, start) => {
          start("200 OK", TYPE);
          return ["x"];
        }) as App,
        { [Symbol.asyncDispose]: async () => void disposed++ },
      );
      await (bench.wrap(app) as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.();
      equal(disposed, 1, "calls of the app's Symbol.asyncDispose");
    },
  ],
];

/** Asks for an answer that has to break off. */
async function brokenBy(bench: Bench, app: App): Promise<BrokenAnswerError> {
  const answer = await bench.ask(app).then(
    (whole) => whole,
    (error: unknown) => error,
  );
  ok(answer instanceof BrokenAnswerError, `the answer came whole: ${JSON.stringify((answer as TestAnswer).status)}`);
  return answer;
}
