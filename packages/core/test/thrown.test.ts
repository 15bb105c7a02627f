import { describe, expect, it } from "vitest";
import type { App, Body, StartResponse } from "../src/contract.ts";
import { ask } from "./in-memory.ts";

// An error whose causes led back to itself ended the process: the report of it ran out of stack, inside `handle`, which
// never throws. So did a thenable whose `then` throws, and a thrown Proxy that had been revoked.

function revoked(): never {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy as never;
}

const boom = (): never => {
  throw new Error("boom");
};

const circular = new Error("in a circle");
circular.cause = new Error("half way", { cause: circular });

const THROWN: readonly [name: string, value: unknown, log: string][] = [
  ["an error whose causes lead back to itself", circular, "caused by Error: half way"],
  ["an error with a revoked Proxy for its cause", new Error("odd", { cause: revoked() }), "cannot be shown"],
  [
    "an error whose cause throws when it is looked at",
    Object.defineProperty(new Error("the real one"), "cause", { get: boom }),
    "the real one",
  ],
  ["an error whose message is a symbol", Object.assign(new Error("x"), { message: Symbol("y") }), "cannot be shown"],
  ["a revoked Proxy", revoked(), "cannot be shown"],
  ["an object whose getters throw", Object.defineProperty({}, "name", { get: boom }), "thrown: [object Object]"],
  ["an object without a prototype", Object.create(null), "cannot be shown"],
  ["undefined", undefined, "thrown: undefined"],
];

const OK = (start: StartResponse): void => void start("200 OK", [["Content-Type", "text/plain"]]);

describe("whatever is thrown, the client gets a plain 500 and the log a line", () => {
  const WAYS: readonly [name: string, make: (value: unknown) => App][] = [
    [
      "at the call",
      (value) => () => {
        throw value;
      },
    ],
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is what is tested
    ["as a rejection", (value) => () => Promise.reject(value)],
    [
      "at the first pull",
      (value) =>
        function* (_environ, start) {
          OK(start);
          throw value;
        },
    ],
  ];
  describe.each(WAYS)("%s", (_way, make) => {
    it.each(THROWN)("%s", async (_name, value, log) => {
      const seen = await ask(make(value));
      expect([seen.status, seen.text]).toEqual([500, "Internal Server Error"]);
      expect(seen.log).toContain(log);
    });
  });
});

it("causes in a circle are shown once each", async () => {
  const { log } = await ask(() => {
    throw circular;
  });
  expect(log.split("caused by").length - 1).toBe(1);
  expect(log).toContain("and further causes");
});

it("ten causes of an error are shown, and that there are more", async () => {
  let chain = new Error("the first");
  for (let i = 0; i < 50; i++) chain = new Error(`number ${i}`, { cause: chain });
  const { log } = await ask(() => {
    throw chain;
  });
  expect(log.split("caused by").length - 1).toBe(10);
  expect(log).toContain("and further causes");
});

const thenable = (then: (give: (body: unknown) => void) => void): App => {
  return (_environ, start) => {
    OK(start);
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    return { then } as unknown as Promise<Body>;
  };
};

describe("a thenable that is no promise", () => {
  it("is waited for", async () => {
    const seen = await ask(thenable((give) => give(["a body"])));
    expect([seen.status, seen.text]).toEqual([200, "a body"]);
  });

  it("may give another one", async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
    const inner = { then: (give: (body: unknown) => void) => give(["deep"]) };
    expect((await ask(thenable((give) => give(inner)))).text).toBe("deep");
  });

  it("whose then throws is a 500", async () => {
    const seen = await ask(thenable(boom));
    expect([seen.status, seen.text]).toEqual([500, "Internal Server Error"]);
    expect(seen.log).toContain("boom");
  });

  it("whose then cannot even be read is a 500", async () => {
    const app: App = (_environ, start) => {
      OK(start);
      // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
      return Object.defineProperty({}, "then", { get: boom }) as Promise<Body>;
    };
    const seen = await ask(app);
    expect([seen.status, seen.text]).toEqual([500, "Internal Server Error"]);
  });

  it("that calls back twice, or throws once it has called back, is heard once", async () => {
    const seen = await ask(
      thenable((give) => {
        give(["once"]);
        give(["twice"]);
        throw new Error("after");
      }),
    );
    expect([seen.status, seen.text, seen.log]).toEqual([200, "once", ""]);
  });

  it("from return() that throws is logged, and close() is still called", async () => {
    let closed = 0;
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise<IteratorResult<string>>((resolve) => setTimeout(resolve, 5, { done: false, value: "x" })),
        // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
        return: () => ({ then: boom }) as unknown as Promise<IteratorResult<string>>,
      }),
      close: () => void closed++,
    };
    const app: App = (_environ, start) => {
      OK(start);
      return body;
    };
    const seen = await ask(app, { take: 1 });
    expect([seen.status, closed]).toEqual([200, 1]);
    expect(seen.log).toContain("boom");
  });
});
