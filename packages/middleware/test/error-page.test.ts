import { InputError, type App, type Body } from "@tsgi/core";
import { errorPage } from "@tsgi/middleware/error-page";
import { conformance, request } from "@tsgi/testing";
import { describe, expect, test } from "vitest";

const throws = (error: unknown): App => {
  return () => {
    throw error;
  };
};

const ask = (app: App, options: Parameters<typeof request>[1] = {}): ReturnType<typeof request> =>
  request(errorPage()(app), options);
const html = { headers: { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" } };

describe("a filter that keeps everything", () => {
  for (const row of conformance.filter(errorPage())) test(row.name, row.run);
});

describe("what an app throws before it has sent anything is shown", () => {
  const early: [string, App][] = [
    ["thrown at once", throws(new Error("broken here"))],
    ["rejected", () => Promise.reject(new Error("broken here"))],
    [
      "after startResponse",
      (_environ, start) => {
        start("200 OK", [
          ["Content-Type", "text/plain"],
          ["X-Mine", "1"],
        ]);
        throw new Error("broken here");
      },
    ],
    [
      "by a generator, before its first chunk",
      function* (_environ, start) {
        start("200 OK", [
          ["Content-Type", "text/plain"],
          ["X-Mine", "1"],
        ]);
        yield "";
        throw new Error("broken here");
      },
    ],
    [
      "by an async generator, before startResponse",
      async function* () {
        yield await Promise.reject(new Error("broken here"));
      },
    ],
  ];
  test.each(early)("%s", async (_name, app) => {
    const answer = await ask(app, html);
    expect(answer.status).toBe(500);
    expect(answer.header("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.header("x-mine")).toBeUndefined();
    expect(answer.header("cache-control")).toBe("no-store");
    expect(answer.text()).toContain("<h1>Error: broken here</h1>");
    expect(answer.text().trimEnd()).toMatch(/<\/html>$/);
    expect(answer.errors).toContain("broken here");
  });

  test("as text for whoever does not ask for HTML", async () => {
    for (const accept of ["*/*", "application/json", "text/html;q=0, text/plain"]) {
      const answer = await ask(throws(new Error("broken")), { headers: { Accept: accept } });
      expect(answer.header("content-type")).toBe("text/plain; charset=utf-8");
      expect(answer.text()).toMatch(/^Error: broken\n +at /);
    }
  });

  test("each place of the stack is a link into the editor", async () => {
    const answer = await ask(throws(new Error("x")), html);
    expect(answer.text()).toMatch(
      /<a href="vscode:\/\/file\/[^"]*error-page\.test\.ts:\d+:\d+">[^<]*error-page\.test\.ts:\d+:\d+<\/a>/,
    );
    const own = await request(errorPage({ editor: "my://{line}/{column}?f={file}" })(throws(new Error("x"))), html);
    expect(own.text()).toMatch(/<a href="my:\/\/\d+\/\d+\?f=\/[^"]*error-page\.test\.ts">/);
  });

  // Node prints the URL of a module, in which a space is %20 already; the link said %2520, and no editor found the file.
  // Bun, and CommonJS on Node, print a path as it is, whose link began after the last space.
  test("a link leads to a file in a folder with a space in its name", async () => {
    const error = new Error("x");
    const places = ["file:///home/my%20site/%C3%BC.js:1:2", "/home/my site/ü.js:3:4", "C:\\my site\\a.js:5:6"];
    error.stack = `Error: x\n    at f (${places[0]})\n    at async g (${places[1]})\n    at ${places[1]}\n    at ${places[2]}`;
    const links = (await ask(throws(error), html)).text().match(/(?<=<a href=")[^"]*/g);
    const path = "vscode://file/home/my%20site/%C3%BC.js";
    expect(links).toEqual([
      `${path}:1:2`,
      `${path}:3:4`,
      `${path}:3:4`,
      expect.stringMatching(/C:.*my%20site.*a\.js:5:6$/),
    ]);
  });

  test("causes are shown, and a circle of them ends", async () => {
    const inner = new Error("no such table");
    const outer = new Error("no page", { cause: inner });
    inner.cause = outer;
    const text = (await ask(throws(outer), html)).text();
    expect(text.match(/<h1>/g)).toHaveLength(2);
    expect(text).toContain("no such table");
  });

  test("an error of the request body keeps its status", async () => {
    const app: App = async (environ, start) => {
      const body = await environ["tsgi.input"].text();
      start("200 OK", [["Content-Type", "text/plain"]]);
      return [body];
    };
    const answer = await ask(app, { body: "x".repeat(100), limits: { body: 10 } });
    expect(answer.status).toBe(413);
    expect(answer.text()).toContain(InputError.name);
  });

  test.each([undefined, null, "text", 5, Object.create(null)])("%o that is thrown is shown too", async (thrown) => {
    const answer = await ask(throws(thrown));
    expect(answer.status).toBe(500);
    expect(answer.text()).toMatch(/^thrown: /);
  });
});

test("an error after the first chunk breaks the connection as ever", async () => {
  const app: App = function* (_environ, start) {
    start("200 OK", [["Content-Type", "text/plain"]]);
    yield "half";
    throw new Error("too late");
  };
  await expect(ask(app)).rejects.toThrow("too late");
});

describe("what an app may return stays an answer", () => {
  const iterating = (next: () => unknown, symbol: typeof Symbol.iterator | typeof Symbol.asyncIterator): App => {
    return (_environ, start) => {
      start("200 OK", [["Content-Type", "text/plain"]]);
      return { [symbol]: () => ({ next }) } as unknown as Body;
    };
  };

  // `{ done: 1 }` was taken for a chunk, and a right answer became a page about `length` of undefined
  test.each([Symbol.iterator, Symbol.asyncIterator] as const)("a truthy done: %s", async (symbol) => {
    const steps = [{ done: 0, value: "" }, { done: 1 }];
    const answer = await ask(
      iterating(() => steps.shift(), symbol),
      { validate: false },
    );
    expect([answer.status, answer.text()]).toEqual([200, ""]);
  });

  // a library's own promise, without what `then` gives: the page was about `then` of undefined
  test("a thenable whose then gives nothing", async () => {
    const app: App = (_environ, start) => {
      start("200 OK", [["Content-Type", "text/plain"]]);
      // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
      return { then: (resolve: (body: Body) => void) => void resolve(["Hello"]) } as never;
    };
    expect((await ask(app, { validate: false })).text()).toBe("Hello");
  });

  // asked once more behind its page, one that fails each time broke the answer off, and one that goes on was sent on
  test.each([Symbol.iterator, Symbol.asyncIterator] as const)("an iterator that failed is over: %s", async (symbol) => {
    let asked = 0;
    const answer = await ask(
      iterating(() => {
        if (++asked === 1) throw new Error("broken here");
        return { done: asked > 2, value: "what nobody should see" };
      }, symbol),
      { validate: false },
    );
    expect(answer.status).toBe(500);
    expect(answer.text()).toMatch(/^Error: broken here/);
    expect(answer.text()).not.toContain("nobody");
    expect(asked).toBe(1);
  });
});

// the page failed over what it shows, and the error that it was made for was in no log
describe("what cannot be made text does not hide the error", () => {
  test("a value of the environ", async () => {
    const app: App = (environ) => {
      environ["app.params"] = [Object.create(null)];
      Object.defineProperty(environ, "app.user", {
        enumerable: true,
        get: () => {
          throw new Error("from a getter");
        },
      });
      throw new Error("the real one");
    };
    for (const options of [html, {}]) {
      const answer = await ask(app, { ...options, validate: false });
      expect(answer.status).toBe(500);
      expect(answer.text()).toMatch(/app\.params\W.*\(cannot be shown\)/);
      expect(answer.text()).toMatch(/app\.user\W.*\(cannot be shown\)/);
      expect(answer.text()).toContain("Error: the real one");
      expect(answer.errors).toContain("the real one");
    }
  });

  test("a cause", async () => {
    const error = new Error("the real one");
    Object.defineProperty(error, "cause", {
      get: () => {
        throw new Error("from a getter");
      },
    });
    const answer = await ask(throws(error));
    expect(answer.status).toBe(500);
    expect(answer.text()).toMatch(/^Error: the real one/);
    expect(answer.text()).toContain("caused by (cannot be shown)");
    expect(answer.errors).toContain("tsgi: app: ");
  });

  test("the error itself, a Proxy that has been revoked", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const answer = await ask(throws(proxy), html);
    expect(answer.status).toBe(500);
    expect(answer.text()).toContain("<h1>thrown: (cannot be shown)</h1>");
    expect(answer.errors).toContain("tsgi: app: ");
  });
});

describe("what the page does not say", () => {
  test("secrets of the request and bindings", async () => {
    const answer = await ask(throws(new Error("x")), {
      headers: [
        ["Accept", "text/html"],
        ["Authorization", "Basic c2VzYW1l"],
        ["Cookie", "sid=c2VzYW1l"],
        ["X-Api-Key", "c2VzYW1l"],
        ["X-Fine", "shown"],
      ],
      bindings: { DATABASE_URL: "postgres://c2VzYW1l" },
    });
    expect(answer.text()).not.toContain("c2VzYW1l");
    expect(answer.text()).toContain('<th scope="row">HTTP_COOKIE</th><td>(hidden)</td>');
    expect(answer.text()).toContain('<th scope="row">HTTP_X_FINE</th><td>shown</td>');
  });

  // the page is made of what a client sent: unescaped it would run in the developer's browser
  test("nothing of a request or an error is markup", async () => {
    const evil = `<script>alert("1")</script>'`;
    const error = new Error(evil, { cause: evil });
    error.name = evil;
    const answer = await ask(throws(error), {
      path: `/${encodeURIComponent(evil)}?${encodeURIComponent(evil)}`,
      headers: { Accept: "text/html", "User-Agent": evil },
    });
    expect(answer.text()).not.toContain("<script");
    expect(answer.text()).not.toContain(`"1"`);
    expect(answer.header("content-security-policy")).toContain("default-src 'none'");
  });

  test("a very long stack is shown in part, and soon", async () => {
    const error = new Error("x");
    error.stack = `Error: x\n${"/".repeat(2_000_000)}`;
    const answer = await ask(throws(error), html);
    expect(answer.body.length).toBeLessThan(100_000);
  });
});
