import { expect, it } from "vitest";
import type { App, Body } from "../src/contract.ts";
import { handle } from "../src/handle.ts";
import { nextOf } from "../src/sink.ts";
import { ask, sourceOf } from "./in-memory.ts";

// Answers that a hostile tester got out of step: what was let go of twice, never, or in the middle of something else.

const TEXT: [string, string][] = [["Content-Type", "text/plain"]];
const turn = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A thenable whose `then` gives nothing, as Promises/A+ does not allow and old libraries do. */
// oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
const thenable = { then: (done: () => void) => void setTimeout(done, 5) };

/** A body that counts what is done with it. */
function counted(seen: string[], body: Iterable<string> | AsyncIterable<string> = ["hi"]): Body {
  return Object.assign(body as Body, { close: () => void seen.push("close") });
}

it.each<[string, () => Body]>([
  ["an array", () => Object.assign(["hi"], { close: () => thenable as never })],
  [
    "a stream",
    () =>
      Object.assign(
        (function* () {
          yield "h";
          yield "i";
        })(),
        { close: () => thenable as never },
      ),
  ],
])("the close() of %s may give a thenable whose then gives nothing (it ended the process)", async (_name, make) => {
  const seen = await ask((_environ, start) => {
    start("200 OK", TEXT);
    return make();
  });
  expect(seen).toMatchObject({ status: 200, text: "hi", broken: false, log: "" });
});

it.each([false, true])(
  "a close that cannot be looked at is logged, async: %s (it ended the process)",
  async (later) => {
    const body = Object.defineProperty(["hi"], "close", {
      get: () => {
        throw new Error("no close for you");
      },
    });
    const app: App = (_environ, start) => {
      start("200 OK", TEXT);
      return later ? Promise.resolve(body) : body;
    };
    const seen = await ask(app);
    expect(seen).toMatchObject({ status: 200, text: "hi" });
    expect(seen.log).toContain("no close for you");
  },
);

it.each([false, true])(
  "a body returned after write has said all that Content-Length allows is closed, unread; more was written: %s",
  async (more) => {
    const seen: string[] = [];
    const answer = await ask(async (_environ, start) => {
      const write = start("200 OK", [...TEXT, ["Content-Length", "3"]]);
      void write(more ? "abcdef" : "abc");
      await turn();
      return counted(seen, more ? ["never read"] : []);
    });
    expect(answer.text).toBe("abc");
    expect(seen).toEqual(["close"]);
  },
);

it("who waits in write for room is let go when the answer is cut, and told so by the next write", async () => {
  const seen: string[] = [];
  const answer = await ask(
    async (_environ, start) => {
      const write = start("200 OK", [...TEXT, ["Content-Length", "3"]]);
      void write("a".repeat(100));
      try {
        await write("b".repeat(100));
        await write("c");
      } catch (error) {
        seen.push((error as Error).message);
      }
      return [];
    },
    { limits: { write: 50 } },
  );
  expect(answer.text).toBe("aaa");
  expect(seen).toEqual(["write was called after the answer was whole"]);
});

it("write in the clean-up is refused, and not dropped without a word", async () => {
  const answer = await ask((_environ, start) => {
    const write = start("200 OK", TEXT);
    return Object.assign(
      (function* () {
        yield "one ";
        yield "two";
      })(),
      { close: () => write("three") as undefined },
    );
  });
  expect(answer).toMatchObject({ text: "one two", broken: false });
  expect(answer.log).toContain("write was called after the answer was whole");
});

it.each<[string, () => Body]>([
  ["an array", () => ["hi"]],
  [
    "a stream",
    function* () {
      yield "h";
      yield "i";
    },
  ],
])("the signal stays silent when a client that had everything leaves while %s is cleaned up", async (_name, make) => {
  let signal: AbortSignal | undefined;
  let tell: () => void;
  const whole = new Promise<void>((resolve) => (tell = resolve));
  const { source, leave } = sourceOf({});
  const done = handle(
    (environ, start) => {
      signal = environ["tsgi.signal"];
      start("200 OK", TEXT);
      return Object.assign(make(), { close: () => turn(20) });
    },
    source,
    {
      send: () => tell(),
      async stream(_head, chunks) {
        while ((await nextOf(chunks)) !== null);
        tell();
      },
      abort: () => {},
    },
  );
  await whole;
  leave();
  await done;
  expect(signal?.aborted).toBe(false);
});

it.each(["at once", "in the middle of a pull", "later"])(
  "a host that has answered by itself: the body is cleaned up all the same, %s (it never was)",
  async (when) => {
    const seen: string[] = [];
    const log: string[] = [];
    const { source } = sourceOf({}, log);
    const app: App = (_environ, start) => {
      const write = start("200 OK", TEXT);
      const body = (async function* () {
        try {
          if (when === "later") await turn();
          if (when === "in the middle of a pull") void write("x");
          yield "one";
          await turn(50);
          yield "two";
        } finally {
          seen.push("return");
        }
      })();
      return counted(seen, body);
    };
    await handle(app, source, {
      send: () => {},
      stream: () => {
        throw new Error("headers already sent");
      },
      abort: () => void seen.push("abort"),
    });
    await turn(80);
    expect(seen.filter((event) => event !== "abort").toSorted()).toEqual(["close", "return"]);
    expect(seen).toContain("abort");
    expect(log.join("")).toContain("headers already sent");
  },
);

it("no head leaves ahead of what the client still sends, once the answer is known to be empty", async () => {
  const { source } = sourceOf({ method: "POST" });
  let sent = "";
  await handle(
    async function* (_environ, start) {
      start("200 OK", TEXT);
    },
    {
      ...source,
      payload: () => ({
        length: undefined,
        async *chunks() {
          await turn(20);
          yield new Uint8Array(3);
        },
      }),
    },
    {
      send: (head, chunk) => void (sent = `whole ${head.code} ${String(chunk)}`),
      stream: () => void (sent = "stream"),
      abort: () => {},
    },
  );
  expect(sent).toBe("whole 200 ");
});

it("an iteration ends at any truthy done, as a for-of does (the answer was endless)", async () => {
  let steps = 0;
  const body = {
    [Symbol.iterator]: () => ({
      next: () => ({ done: steps++ === 2 ? 1 : 0, value: "x" }) as unknown as IteratorResult<string>,
    }),
  };
  const seen = await ask((_environ, start) => {
    start("200 OK", TEXT);
    return body;
  });
  expect(seen.text).toBe("xx");
});

it("a promise with a then of its own that calls back at once is waited for as await does (the answer hung)", async () => {
  let left = 2;
  const body = {
    [Symbol.asyncIterator]: () => ({
      next() {
        const result: IteratorResult<string> =
          left-- > 0 ? { done: false, value: "x" } : { done: true, value: undefined };
        const promise = Promise.resolve(result);
        // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
        promise.then = ((done: (result: unknown) => void) => {
          done({ done: false, value: "its own" });
          return promise;
        }) as never;
        return promise;
      },
    }),
  };
  const seen = await ask((_environ, start) => {
    start("200 OK", TEXT);
    return body;
  });
  expect(seen.text).toBe("xx");
});

it("an answer that was written to its declared end before the app returned: what it returns is cleaned up before the end", async () => {
  const seen: string[] = [];
  const { source } = sourceOf({});
  const app: App = async (_environ, start) => {
    const write = start("200 OK", [...TEXT, ["Content-Length", "2"]]);
    void write("more than that");
    await turn();
    return counted(seen, ["unread"]);
  };
  await handle(app, source, {
    send: () => {},
    stream: async (_head, chunks) => {
      while ((await nextOf(chunks)) !== null);
      seen.push("whole");
    },
    abort: () => {},
  });
  expect(seen).toEqual(["whole", "close"]);
});

it.each<[string, () => Body | Promise<Body>]>([
  ["an array", () => ["hi"]],
  ["a promise", () => Promise.resolve(["hi"])],
  [
    "a generator",
    function* () {
      yield "h";
      yield "i";
    },
  ],
])(
  "a sink that has `finished` is told once, when %s is cleaned up, and handle gives no promise",
  async (_name, make) => {
    const seen: string[] = [];
    const { source } = sourceOf({});
    const app: App = (_environ, start) => {
      start("200 OK", TEXT);
      const body = make();
      const close = (): Promise<void> => turn().then(() => void seen.push("close"));
      return body instanceof Promise
        ? body.then((late) => Object.assign(late, { close }))
        : Object.assign(body, { close });
    };
    const given = handle(app, source, {
      send: () => {},
      stream: async (_head, chunks) => {
        while ((await nextOf(chunks)) !== null);
      },
      abort: () => {},
      finished: () => void seen.push("finished"),
    });
    expect(given).toBeUndefined();
    await turn(30);
    expect(seen).toEqual(["close", "finished"]);
  },
);

it("a write while the rest of the request is taken in comes too late: the answer goes out whole, the end is told once", async () => {
  const seen: string[] = [];
  const { source } = sourceOf({ method: "POST" });
  const app: App = (_environ, start) => {
    const write = start("200 OK", TEXT);
    setTimeout(() => {
      try {
        void write("late");
        seen.push("written");
      } catch (error) {
        seen.push((error as Error).message);
      }
    }, 5);
    return counted(seen, ["hi"]);
  };
  const payload = {
    length: undefined,
    async *chunks() {
      await turn(20);
      yield new Uint8Array(3);
    },
  };
  void handle(
    app,
    { ...source, payload: () => payload },
    {
      send: (_head, chunk) => void seen.push(`sent ${String(chunk)}`),
      stream: () => void seen.push("stream"),
      abort: () => void seen.push("abort"),
      finished: () => void seen.push("finished"),
    },
  );
  await turn(60);
  expect(seen).toEqual(["write was called after the answer was whole", "sent hi", "close", "finished"]);
});

it("an app that breaks its own stream off with an AbortError is logged, since nobody has left (it was silent)", async () => {
  const seen = await ask(async function* (_environ, start) {
    start("200 OK", TEXT);
    yield "one";
    await turn();
    throw new DOMException("the upstream took too long", "AbortError");
  });
  expect(seen).toMatchObject({ status: 200, broken: true });
  expect(seen.log).toContain("the upstream took too long");
});

it.each([false, true])(
  "a host whose error handling throws is logged, and handle does not throw, async: %s",
  async (later) => {
    const seen: string[] = [];
    const log: string[] = [];
    const { source } = sourceOf({}, log);
    const app: App = () => {
      if (later) return Promise.reject(new Error("of the app"));
      throw new Error("of the app");
    };
    await handle(app, source, {
      send: () => {},
      stream: () => {},
      fail: () => {
        throw new Error("of the host");
      },
      abort: () => void seen.push("abort"),
    });
    expect(seen).toEqual(["abort"]);
    expect(log.join("")).toContain("of the host");
  },
);

it.each(["HEAD", "GET"])("an error behind a head that admits no body is logged (%s)", async (method) => {
  const app: App = async function* (_environ, start) {
    start(method === "HEAD" ? "200 OK" : "204 No Content", TEXT);
    await turn(20);
    throw new Error("too late for the client");
  };
  const log: string[] = [];
  const { source } = sourceOf({ method }, log);
  const sent: unknown[] = [];
  await handle(app, source, { send: ({ code }) => void sent.push(code), stream: () => {}, abort: () => {} });
  await turn(40);
  expect(sent).toEqual([method === "HEAD" ? 200 : 204]);
  expect(log.join("")).toContain("too late for the client");
});
