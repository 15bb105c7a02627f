import { describe, expect, it } from "vitest";
import type { App, Environ, Middleware } from "../src/contract.ts";
import { fromFetch } from "../src/fetch/from-fetch.ts";
import { call, respond } from "../src/filters/call.ts";
import { ask, environFor } from "./in-memory.ts";

// As in the documentation: a filter that must know the status, also of a generator app.
const friendly404: Middleware = (app) => async (environ, start) => {
  const answer = await call(app, environ);
  if (!answer.status.startsWith("404")) return respond(answer, start);
  await answer.body.close?.();
  return respond({ status: answer.status, headers: [["Content-Type", "text/plain"]], body: ["nothing here"] }, start);
};

const textOf = async (body: AsyncIterable<unknown> | Iterable<unknown>): Promise<string> => {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) text += typeof chunk === "string" ? chunk : decoder.decode(chunk as Uint8Array);
  return text;
};

const plain =
  (status: string): App =>
  (_environ, startResponse) => {
    startResponse(status, [["X-App", "1"]]);
    return ["plain"];
  };
const lazy = (status: string, log: string[] = []): App =>
  function* (_environ, startResponse) {
    try {
      startResponse(status, [["X-App", "1"]]);
      yield "la";
      yield "zy";
    } finally {
      log.push("finally");
    }
  };

describe("call", () => {
  it("gives status, headers and body of any kind of app", async () => {
    const environ = await environFor();
    const slow: App = async function* (_environ, startResponse) {
      await Promise.resolve();
      yield "";
      startResponse("201 Created", []);
      yield "slow";
    };
    const promised: App = async (env, start) => plain("200 OK")(env, start);
    for (const [app, status, text] of [
      [plain("200 OK"), "200 OK", "plain"],
      [promised, "200 OK", "plain"],
      [lazy("404 Not Found"), "404 Not Found", "lazy"],
      [slow, "201 Created", "slow"],
      [fromFetch(() => new Response("fetched", { status: 202 })), "202 Accepted", "fetched"],
    ] as [App, string, string][]) {
      const answer = await call(app, environ);
      expect(answer.status).toBe(status);
      expect(await textOf(answer.body)).toBe(text);
      await answer.body.close?.();
    }
  });

  it("does not read further than the head: the rest is pulled when it is asked for", async () => {
    let pulls = 0;
    const app: App = function* (_environ, startResponse) {
      pulls++;
      startResponse("200 OK", []);
      yield "a";
      pulls++;
      yield "b";
    };
    const answer = await call(app, await environFor());
    expect(pulls).toBe(1);
    expect(await textOf(answer.body)).toBe("ab");
    expect(pulls).toBe(2);
  });

  it("does not wait for the first chunk of a body whose head is known", async () => {
    let go = (): void => {};
    const app: App = async function* (_environ, startResponse) {
      startResponse("200 OK", []);
      await new Promise<void>((resolve) => (go = resolve));
      yield "late";
    };
    const answer = await call(app, await environFor());
    expect(answer.status).toBe("200 OK");
    const text = textOf(answer.body);
    go();
    expect(await text).toBe("late");
  });

  it("what was written comes first", async () => {
    const app: App = async (_environ, startResponse) => {
      const write = startResponse("200 OK", []);
      await write("written ");
      return ["returned"];
    };
    expect(await textOf((await call(app, await environFor())).body)).toBe("written returned");
  });

  it("keeps an array and its known length", async () => {
    const seen = await ask(async (environ, start) => respond(await call(plain("200 OK"), environ), start));
    expect([seen.text, seen.streamed]).toEqual(["plain", false]);
  });

  it("rejects with what the app throws before its head is known", async () => {
    const environ = await environFor();
    const sync: App = () => {
      throw new Error("sync");
    };
    const generator: App = function* () {
      throw new Error("generator");
    };
    const rejects: App = () => Promise.reject(new Error("promise"));
    await expect(call(sync, environ)).rejects.toThrow("sync");
    await expect(call(generator, environ)).rejects.toThrow("generator");
    await expect(call(rejects, environ)).rejects.toThrow("promise");
    await expect(call(() => "text" as never, environ)).rejects.toThrow("return an iterable of chunks");
  });

  it("an error after the head is met by whoever reads the body", async () => {
    const app: App = async function* (_environ, startResponse) {
      startResponse("200 OK", []);
      await Promise.resolve();
      throw new Error("late");
    };
    const answer = await call(app, await environFor());
    await expect(textOf(answer.body)).rejects.toThrow("late");
  });

  it("a bad head throws in the app, at its call", async () => {
    const app: App = (_environ, startResponse) => {
      expect(() => startResponse("200 OK", [["X-Bad\n", ""]])).toThrow(TypeError);
      expect(() => startResponse("999 Odd", [])).toThrow(TypeError);
      startResponse("200 OK", []);
      expect(() => startResponse("200 OK", [])).toThrow("called twice");
      return [];
    };
    expect((await call(app, await environFor())).status).toBe("200 OK");
  });

  it("a head that is replaced before it was handed over carries its error on", async () => {
    const why = new Error("why");
    const app: App = (_environ, startResponse) => {
      startResponse("200 OK", []);
      startResponse("503 Service Unavailable", [], why);
      return ["sorry"];
    };
    const answer = await call(app, await environFor());
    expect([answer.status, answer.error]).toEqual(["503 Service Unavailable", why]);
    expect((await ask(async (environ, start) => respond(await call(app, environ), start))).status).toBe(503);
  });

  it("replaced later, the error is thrown in the app: the head has gone on", async () => {
    const app: App = function* (_environ, startResponse) {
      startResponse("200 OK", []);
      yield "a";
      startResponse("503 Service Unavailable", [], new Error("too late"));
      yield "b";
    };
    const answer = await call(app, await environFor());
    await expect(textOf(answer.body)).rejects.toThrow("too late");
  });

  it("never called: an error, and the body is returned and closed", async () => {
    const log: string[] = [];
    const app: App = () => {
      async function* chunks(): AsyncGenerator<string> {
        try {
          yield "chunk";
        } finally {
          log.push("return");
        }
      }
      const inner = chunks();
      return { [Symbol.asyncIterator]: () => inner, close: () => void log.push("close") };
    };
    await expect(call(app, await environFor())).rejects.toThrow("never called startResponse");
    expect(log).toEqual(["return", "close"]);
  });

  it("a body that fails before the head is closed", async () => {
    const log: string[] = [];
    const app: App = () => ({
      [Symbol.iterator]: () => ({
        next(): IteratorResult<string> {
          throw new Error("first pull");
        },
      }),
      close: () => void log.push("close"),
    });
    await expect(call(app, await environFor())).rejects.toThrow("first pull");
    expect(log).toEqual(["close"]);
  });
});

describe("a filter that answers by itself", () => {
  it("friendly404 on plain and generator apps, and on Responses", async () => {
    for (const app of [plain, lazy]) {
      expect(await ask(friendly404(app("200 OK")))).toMatchObject({ status: 200 });
      expect(await ask(friendly404(app("404 Not Found")))).toMatchObject({ status: 404, text: "nothing here" });
    }
    const fetched = fromFetch(() => new Response("x", { status: 404 }));
    expect((await ask(friendly404(fetched))).text).toBe("nothing here");
  });

  it("lets go of the generator that it drops: its finally runs, once", async () => {
    const log: string[] = [];
    await ask(friendly404(lazy("404 Not Found", log)));
    expect(log).toEqual(["finally"]);
  });

  it("cancels the stream that it drops, of an app and of a Response", async () => {
    const log: string[] = [];
    const make = (name: string): ReadableStream<Uint8Array> =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(10)),
        cancel: () => void log.push(name),
      });
    const app: App = (_environ, startResponse) => {
      startResponse("404 Not Found", []);
      return make("stream");
    };
    await ask(friendly404(app));
    await ask(friendly404(fromFetch(() => new Response(make("response"), { status: 404 }))));
    expect(log).toEqual(["stream", "response"]);
  });

  it("does not wait for a generator that never gets on", async () => {
    const stuck: App = async function* (_environ, startResponse) {
      startResponse("404 Not Found", []);
      await new Promise(() => {});
      yield "never";
    };
    expect((await ask(friendly404(stuck))).text).toBe("nothing here");
  });

  it("what it passes on is cleaned up once when the client leaves", async () => {
    const log: string[] = [];
    const seen = await ask(friendly404(lazy("200 OK", log)), { take: 1 });
    expect(seen.text).toBe("la");
    expect(log).toEqual(["finally"]);
  });

  it("the environ may be a plain object", async () => {
    const environ = { PATH_INFO: "/", "tsgi.errors": { write() {}, flush() {} } } as unknown as Environ;
    expect((await call(lazy("200 OK"), environ)).status).toBe("200 OK");
  });
});

// What a hostile tester got wrong through `call` and `respond`, and right without them.
describe("an answer that was awaited", () => {
  const TEXT: [string, string][] = [["Content-Type", "text/plain"]];
  const turn = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const passed =
    (app: App): App =>
    async (environ, start) =>
      respond(await call(app, environ), start);

  it("has what is written between its chunks where it was written, and at its end (it was reordered, and lost)", async () => {
    const app: App = function* (_environ, start) {
      const write = start("200 OK", TEXT);
      void write("0");
      yield "1";
      void write("2");
      yield "3";
      void write("4");
    };
    const seen = await ask(passed(app));
    expect(seen.text).toBe("01234");
  });

  it("leaves while its app still writes, and holds no more than a slow client's bound (it came with the end)", async () => {
    const environ = await environFor();
    let written = 0;
    const refused: string[] = [];
    const app: App = async (_environ, start) => {
      const write = start("200 OK", TEXT);
      try {
        for (;;) {
          await write("x".repeat(10_000));
          written++;
        }
      } catch (error) {
        refused.push((error as Error).message);
        return [];
      }
    };
    const answer = await call(app, environ);
    const chunks = (answer.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toHaveLength(10_000);
    await turn(20);
    expect(written).toBeLessThan(10);
    for (let i = 0; i < 20; i++) await chunks.next();
    expect(written).toBeGreaterThan(20);
    await answer.body.close?.();
    await turn();
    expect(refused).toEqual(["write was called after the answer was let go"]);
  });

  it("throws at ten times that bound", async () => {
    const app: App = async (_environ, start) => {
      const write = start("200 OK", TEXT);
      for (;;) void write("x".repeat(100_000));
    };
    const answer = await call(app, await environFor());
    await expect(textOf(answer.body)).rejects.toThrow("wait for a slow client");
  });

  it("is broken off when its app fails after it has written", async () => {
    const seen = await ask(
      passed(async (_environ, start) => {
        void start("200 OK", TEXT)("half");
        await turn();
        throw new Error("the other half");
      }),
    );
    expect(seen).toMatchObject({ status: 200, text: "half", broken: true });
    expect(seen.log).toContain("the other half");
  });

  it("is none when its app fails in the pull that made its head known", async () => {
    const app: App = function* (_environ, start) {
      start("200 OK", TEXT);
      throw new Error("no first chunk");
    };
    await expect(call(app, await environFor())).rejects.toThrow("no first chunk");
  });

  it("goes on with what its app returns after it has written", async () => {
    const seen = await ask(
      passed(async (_environ, start) => {
        void start("200 OK", TEXT)("one ");
        await turn();
        return ["two ", "three"];
      }),
    );
    expect(seen).toMatchObject({ status: 200, text: "one two three", broken: false });
  });

  it("is closed when its head is refused, or its client has left (it never was)", async () => {
    const closed: string[] = [];
    const body = Object.assign(["x"], { close: () => void closed.push("close") });
    const seen = await ask(async (_environ, start) => respond({ status: "nonsense", headers: [], body }, start));
    expect(seen.status).toBe(500);
    expect(closed).toEqual(["close"]);
  });

  it("is let go of when its client leaves while the first chunk is awaited (it waited for ever)", async () => {
    const seen: string[] = [];
    const gone = new AbortController();
    const environ = Object.assign(await environFor(), { "tsgi.signal": gone.signal });
    const app: App = () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => (seen.push("return"), { done: true, value: undefined }),
      }),
      close: () => void seen.push("close"),
    });
    const answered = call(app, environ);
    setTimeout(() => gone.abort(new Error("gone")), 5);
    await expect(answered).rejects.toThrow("gone");
    expect(seen).toEqual(["return", "close"]);
  });
});
