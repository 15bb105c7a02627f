import {
  call,
  cascade,
  environOf,
  fromFetch,
  mapResponse,
  pipeline,
  respond,
  toFetch,
  urlmap,
  validator,
  ValidationError,
  type App,
  type Environ,
  type Middleware,
} from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { collectGarbage } from "../../../tools/oracle/garbage.mjs";
import { ask, environFor } from "./in-memory.ts";
import { bench, good, open, serve, TEXT } from "./validator-bench.ts";

// The validator changes nothing: what passes without it passes with it, in the same way.

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("the environ behind the validator", () => {
  test("builds no Request and no signal, and hides what is hidden", async () => {
    let built = 0;
    let listening = 0;
    let seen: Environ | undefined;
    const bindings = { SECRET: "s3cret" };
    await ask(
      validator((environ, start) => {
        seen = environ;
        start("200 OK", TEXT);
        return ["x"];
      }),
      {
        source: {
          bindings,
          request: () => (built++, new Request("http://test.example/")),
          onDisconnect: () => void listening++,
        },
      },
    );
    expect([built, listening]).toEqual([0, 0]);
    expect(seen?.["tsgi.bindings"]).toBe(bindings);
    expect(seen?.["tsgi.native"]).toEqual({ memory: {} });
    expect(Object.keys(seen as Environ)).not.toContain("tsgi.bindings");
    expect(JSON.stringify(seen)).not.toContain("s3cret");
  });

  test("has the keys and values that it has without", async () => {
    const asked = { target: "/a%20b?c=d", headers: [["host", "h.test"] as const, ["x-a", "1"] as const] };
    const plain = await environFor(asked);
    let watched: Environ | undefined;
    await ask(
      validator((environ, start) => {
        watched = environ;
        start("200 OK", TEXT);
        return [];
      }),
      asked,
    );
    expect(Object.keys(watched as Environ).toSorted()).toEqual(Object.keys(plain).toSorted());
    expect(JSON.parse(JSON.stringify(watched))).toEqual(JSON.parse(JSON.stringify(plain)));
  });

  test("is a copy: what the app changes is not seen outside", async () => {
    const at = bench();
    await serve((environ, start) => {
      environ.PATH_INFO = "/changed";
      start("200 OK", TEXT);
      return [];
    }, at);
    expect(at.environ.PATH_INFO).toBe("/");
  });
});

describe("tsgi.input behind the validator", () => {
  const readers: Record<string, App> = {
    text: async (environ, start) => {
      const text = await environ["tsgi.input"].text();
      start("200 OK", TEXT);
      return [text];
    },
    bytes: async (environ, start) => {
      const bytes = await environ["tsgi.input"].bytes();
      start("200 OK", TEXT);
      return [bytes];
    },
    json: async (environ, start) => {
      const value = await environ["tsgi.input"].json();
      start("200 OK", TEXT);
      return [JSON.stringify(value)];
    },
    "read, then the rest": async (environ, start) => {
      const first = await environ["tsgi.input"].read(3);
      const rest = await environ["tsgi.input"].bytes();
      start("200 OK", TEXT);
      return [first, rest];
    },
    "a loop": async function* (environ, start) {
      start("200 OK", TEXT);
      for await (const piece of environ["tsgi.input"]) yield piece;
    },
    "the input itself as body": (environ, start) => {
      start("200 OK", TEXT);
      return environ["tsgi.input"];
    },
    "the input as body under a filter": mapResponse(
      (environ, start) => {
        start("200 OK", TEXT);
        return environ["tsgi.input"];
      },
      { chunk: (bytes) => bytes },
    ),
    "the stream as body": (environ, start) => {
      start("200 OK", TEXT);
      return environ["tsgi.input"].stream();
    },
  };
  for (const [name, app] of Object.entries(readers))
    test(`gives everything: ${name}`, async () => {
      const seen = await ask(validator(app), { method: "POST", body: ['{"a":', "1}"] });
      expect([seen.status, seen.text, seen.log]).toEqual([200, '{"a":1}', ""]);
    });

  test("rejects as it does without: a body that is no JSON is a 400", async () => {
    const seen = await ask(validator(readers.json), { method: "POST", body: "no" });
    expect(seen.status).toBe(400);
  });

  test("may be asked what it can do", async () => {
    const found: unknown[] = [];
    await serve((environ, start) => {
      const input = environ["tsgi.input"] as unknown as Record<string, unknown>;
      found.push("close" in input, input.close, input.then, "text" in input, typeof input.text);
      start("200 OK", TEXT);
      return [];
    });
    expect(found).toEqual([false, undefined, undefined, true, "function"]);
  });
});

describe("the answer behind the validator", () => {
  test("an app that does not wait gives its body at once", async () => {
    const at = bench();
    const body = validator(good)(at.environ, at.start);
    expect(Array.isArray(body)).toBe(true);
    expect([...(body as Iterable<unknown>)]).toEqual(["hello"]);
    await (body as { close(): unknown }).close();
  });

  test("one chunk in an array keeps its known length, and the app's own array stays as it is", async () => {
    const own = Object.freeze(["hello"]) as unknown as string[];
    const seen = await ask(
      validator((_environ, start) => {
        start("200 OK", TEXT);
        return own;
      }),
    );
    expect([seen.text, seen.streamed, Object.keys(own)]).toEqual(["hello", false, ["0"]]);
  });

  test("an early error of a generator is still a 500", async () => {
    const seen = await ask(
      validator(function* (_environ, start) {
        start("200 OK", TEXT);
        yield "";
        throw new Error("boom");
      }),
    );
    expect([seen.status, seen.log.includes("boom")]).toEqual([500, true]);
  });

  test("the head of a stream whose first chunk takes its time leaves at once", async () => {
    const began = performance.now();
    let headAfter = Infinity;
    const response = await toFetch(
      validator(async function* (_environ, start) {
        start("200 OK", TEXT);
        await sleep(300);
        yield "late";
      }),
    )(new Request("http://test.example/"));
    headAfter = performance.now() - began;
    expect(headAfter).toBeLessThan(200);
    expect(await response.text()).toBe("late");
  });

  test("a slow client slows the app down", async () => {
    let made = 0;
    const seen = await ask(
      validator(function* (_environ, start) {
        start("200 OK", TEXT);
        for (;;) yield String(made++);
      }),
      { take: 3 },
    );
    expect(seen.chunks).toEqual(["0", "1", "2"]);
    expect(made).toBeLessThanOrEqual(4);
  });

  test("return() and close() come once each when the client leaves", async () => {
    const log: string[] = [];
    const app: App = (_environ, start) => {
      start("200 OK", TEXT);
      const generator = (async function* () {
        try {
          for (;;) yield "x";
        } finally {
          log.push("finally");
        }
      })();
      return { [Symbol.asyncIterator]: () => generator, close: () => void log.push("close") };
    };
    await ask(validator(app), { take: 2 });
    expect(log).toEqual(["finally", "close"]);
  });

  test("HEAD reads nothing and closes; its Content-Length may be that of a GET", async () => {
    const log: string[] = [];
    const seen = await ask(
      validator((_environ, start) => {
        start("200 OK", [...TEXT, ["Content-Length", "1000"]]);
        return {
          *[Symbol.iterator]() {
            log.push("read");
            yield "x";
          },
          close: () => void log.push("close"),
        };
      }),
      { method: "HEAD" },
    );
    expect([seen.status, seen.header("content-length"), log]).toEqual([200, "1000", ["close"]]);
  });

  test("write goes ahead of the body", async () => {
    const seen = await ask(
      validator(async (_environ, start) => {
        const write = start("200 OK", TEXT);
        await write("a");
        await write(new TextEncoder().encode("b"));
        return ["c"];
      }),
    );
    expect([seen.text, seen.log]).toEqual(["abc", ""]);
  });

  test("a head that has not left is replaced by an error's", async () => {
    const seen = await ask(
      validator((_environ, start) => {
        start("200 OK", [...TEXT, ["Content-Length", "5"]]);
        start("503 Busy", TEXT, new Error("busy"));
        return ["later, please"];
      }),
    );
    expect([seen.status, seen.text]).toEqual([503, "later, please"]);
  });

  test("once the head has left the server throws the app's own error", async () => {
    const own = new Error("too late");
    let thrown: unknown;
    await ask(
      validator(function* (_environ, start) {
        start("200 OK", TEXT);
        yield "a";
        try {
          start("500 Oops", TEXT, own);
        } catch (error) {
          thrown = error;
        }
        yield "b";
      }),
    );
    expect(thrown).toBe(own);
  });

  test("an app's own error passes unchanged", async () => {
    const own = new RangeError("mine");
    const at = bench();
    expect(() =>
      validator(() => {
        throw own;
      })(at.environ, at.start),
    ).toThrow(own);
    await expect(
      validator(async () => {
        throw own;
      })(at.environ, at.start),
    ).rejects.toBe(own);
  });

  test("the app's [Symbol.asyncDispose]() is passed on", async () => {
    let disposed = 0;
    const app = Object.assign(((environ, start) => good(environ, start)) as App, {
      [Symbol.asyncDispose]: async () => void disposed++,
    });
    await (validator(app) as App & AsyncDisposable)[Symbol.asyncDispose]();
    expect(disposed).toBe(1);
  });

  test("a validator around a validator, and composition inside, find no fault", async () => {
    const loud: Middleware = (app) =>
      mapResponse(app, { chunk: (bytes) => new TextDecoder().decode(bytes).toUpperCase() });
    const looking: Middleware = (app) => async (environ, start) => respond(await call(app, environ), start);
    const missing: App = (_environ, start) => {
      start("404 Not Found", TEXT);
      return ["no"];
    };
    const app = validator(
      pipeline([validator, loud, validator, looking], urlmap({ "/": validator(cascade([validator(missing), good])) })),
    );
    const seen = await ask(app);
    expect([seen.status, seen.text, seen.log]).toEqual([200, "HELLO", ""]);
  });
});

describe("a fetch handler behind the validator", () => {
  const request = new Request("http://test.example/x", { headers: { "x-a": "1" } });

  test("gets the original Request, and its Response leaves as it came", async () => {
    const response = new Response(null, { status: 302, headers: { location: "/y" } });
    let got: Request | undefined;
    const answer = await toFetch(
      validator(
        fromFetch((given) => {
          got = given;
          return response;
        }),
      ),
    )(request);
    expect(got).toBe(request);
    expect(answer).toBe(response);
    expect(environOf(request)?.HTTP_X_A).toBe("1");
  });

  test("its Response may go without a Content-Type under a filter that adds a header", async () => {
    const tagged: Middleware = (app) => (environ, start) =>
      app(environ, (status, headers, error) => start(status, [...headers, ["X-Tag", "1"]], error));
    const answer = await toFetch(validator(tagged(fromFetch(() => new Response(null, { status: 404 })))))(request);
    expect([answer.status, answer.headers.get("x-tag")]).toEqual([404, "1"]);
  });

  test("its body is read whole through the validator when a filter changes it", async () => {
    const app = mapResponse(validator(fromFetch(() => new Response("hello"))), { chunk: (bytes) => bytes });
    expect(await (await toFetch(app)(request)).text()).toBe("hello");
  });
});

describe("what the validator refuses it lets go of", () => {
  test("a body that the server never sees is closed", async () => {
    let closed = 0;
    const app: App = (_environ, start) => {
      start("200 OK", []);
      return { [Symbol.iterator]: () => ["x"].values(), close: () => void closed++ };
    };
    await expect(serve(app)).rejects.toBeInstanceOf(ValidationError);
    expect(closed).toBe(1);
  });

  test("a generator whose chunk is refused runs its finally", async () => {
    let ended = 0;
    const app: App = function* (_environ, start) {
      start("200 OK", TEXT);
      try {
        yield 5 as unknown as string;
      } finally {
        ended++;
      }
    };
    await expect(serve(app)).rejects.toThrow("a chunk is the number 5");
    expect(ended).toBe(1);
  });

  test("on a server it is a 500, with the rule in the log", async () => {
    const seen = await ask(validator(() => "hello" as never));
    expect(seen.status).toBe(500);
    expect(seen.log).toContain("SPEC.md, rule A23");
  });

  test("a value from outside stands in the message escaped and cut", async () => {
    const error = await open((_environ, start) => {
      start("200 OK", [["X-A", `\u001b[2J${"x".repeat(500)}`]]);
      return [];
    }).then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error?.message).toContain("\\u001b[2J");
    expect(error?.message.length).toBeLessThan(250);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("disk full");
      },
    ],
    ["rejects", () => Promise.reject(new Error("disk full"))],
  ])("a log that %s does not stand in the way of a warning", async (_how, write: () => unknown) => {
    const at = bench({ REQUEST_METHOD: "FROB" });
    at.environ["tsgi.errors"] = { write: write as () => void, flush() {} };
    expect(await serve(good, at)).toEqual(["hello"]);
  });

  // A value whose class could not be asked for took the place of the message about it.
  test("a value that cannot be looked at is an object", async () => {
    const hostile = {
      get constructor() {
        throw new Error("mine");
      },
    };
    await expect(open((() => hostile) as unknown as App)).rejects.toThrow("the app returned an object; an iterable");
  });

  // The refused array was closed by the validator itself, and reported as dropped once the garbage collector came by.
  test("a refused array is not one that somebody dropped", async () => {
    const at = bench();
    for (const headers of [TEXT, [...TEXT, ["Content-Length", "9"] as [string, string]]])
      await expect(
        open((_environ, start) => {
          start("200 OK", headers);
          return [headers === TEXT ? (5 as unknown as string) : "short"];
        }, at),
      ).rejects.toBeInstanceOf(ValidationError);
    await collectGarbage();
    expect(at.written).toEqual([]);
  });

  test("what is no app is refused at once", () => {
    expect(() => validator("app" as unknown as App)).toThrow('the app is the string "app"');
  });
});

// `step.then(…)` was taken for a promise: the chunk was lost, and a rejection ended the process.
test("a step may be a thenable whose then gives nothing", async () => {
  const later = (settle: () => void): unknown => void setTimeout(settle);
  const giving =
    (next: () => unknown): App =>
    (_environ, start) => {
      start("200 OK", TEXT);
      return { [Symbol.asyncIterator]: () => ({ next: next as () => Promise<IteratorResult<string>> }) };
    };
  let left = 1;
  const chunks = giving(() => ({
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    then: (resolve: (step: unknown) => void) => later(() => resolve(left-- > 0 ? { value: "x" } : { done: true })),
  }));
  expect(await serve(chunks)).toEqual(["x"]);
  const failing = giving(() => ({
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    then: (_: unknown, reject: (error: unknown) => void) => later(() => reject(new Error("no more"))),
  }));
  await expect(serve(failing)).rejects.toThrow("no more");
});

test("an iteration ends at any truthy done, as for the server", async () => {
  let steps = 0;
  const app: App = (_environ, start) => {
    start("200 OK", [["Content-Type", "text/plain"]]);
    return {
      [Symbol.iterator]: () => ({
        next: () => ({ done: steps++ > 0 ? 1 : 0, value: "x" }) as unknown as IteratorResult<string>,
      }),
    };
  };
  expect(await ask(validator(app))).toMatchObject({ status: 200, text: "x", broken: false, log: "" });
});
