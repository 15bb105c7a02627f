import { describe, expect, it } from "vitest";
import type { App, Bytes, HeaderList } from "../src/contract.ts";
import { fromFetch } from "../src/fetch/from-fetch.ts";
import { mapResponse } from "../src/filters/map-response.ts";
import { ask } from "./in-memory.ts";

const loud = (app: App): App => mapResponse(app, { chunk: (bytes) => new TextDecoder().decode(bytes).toUpperCase() });

const hello: App = (_environ, startResponse) => {
  startResponse("200 OK", [
    ["Content-Type", "text/plain"],
    ["Content-Length", "5"],
  ]);
  return ["hello"];
};
const lazy: App = function* (_environ, startResponse) {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  yield "hello ";
  yield "";
  yield "world";
};
const later: App = async function* (environ, startResponse) {
  await Promise.resolve();
  yield* lazy(environ, startResponse) as Iterable<string>;
};
const stream: App = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("hello "));
      controller.enqueue(new TextEncoder().encode("world"));
      controller.close();
    },
  });
};

describe("mapResponse: chunks", () => {
  it.each([
    ["an array", hello, "HELLO"],
    ["a generator", lazy, "HELLO WORLD"],
    ["an async generator", later, "HELLO WORLD"],
    ["a stream", stream, "HELLO WORLD"],
    ["a Response", fromFetch(() => new Response("hello")), "HELLO"],
  ])("of %s are changed, and its Content-Length is taken out", async (_name, app, text) => {
    const seen = await ask(loud(app as App));
    expect([seen.status, seen.text, seen.header("content-length")]).toEqual([200, text, undefined]);
  });

  it("`end` adds a last chunk, once, also to an empty body", async () => {
    let ends = 0;
    const signed = (app: App): App => mapResponse(app, { end: () => `-${++ends}` });
    expect((await ask(signed(lazy))).text).toBe("hello world-1");
    const empty: App = (_environ, start) => {
      start("200 OK", []);
      return [];
    };
    expect((await ask(signed(empty))).text).toBe("-2");
    expect((await ask(mapResponse(lazy, { end: () => undefined }))).text).toBe("hello world");
  });

  it("nothing returned keeps a chunk, and an empty text drops it", async () => {
    const keep = mapResponse(lazy, { chunk: () => undefined });
    expect((await ask(keep)).chunks).toEqual(["hello ", "world"]);
    const drop = mapResponse(lazy, { chunk: (bytes) => (bytes.length === 6 ? "" : undefined) });
    expect((await ask(drop)).chunks).toEqual(["world"]);
  });

  it("gets bytes, never an empty chunk, and the environ", async () => {
    const got: [Bytes, string][] = [];
    await ask(mapResponse(lazy, { chunk: (bytes, environ) => void got.push([bytes, environ.PATH_INFO]) }), {
      target: "/x",
    });
    expect(got.map(([bytes, path]) => [bytes instanceof Uint8Array, bytes.length, path])).toEqual([
      [true, 6, "/x"],
      [true, 5, "/x"],
    ]);
  });

  it("what the app writes is changed too, an empty write excepted", async () => {
    const writes: App = async (_environ, startResponse) => {
      const write = startResponse("200 OK", []);
      await write("");
      await write("written ");
      return ["returned"];
    };
    let calls = 0;
    const counted = mapResponse(writes, {
      chunk: (bytes) => {
        calls++;
        return new TextDecoder().decode(bytes).toUpperCase();
      },
    });
    expect((await ask(counted)).text).toBe("WRITTEN RETURNED");
    expect(calls).toBe(2);
  });

  it("back-pressure: the app is not asked for more than the client takes", async () => {
    let given = 0;
    const endless: App = function* (_environ, startResponse) {
      startResponse("200 OK", []);
      for (;;) {
        given++;
        yield "x";
      }
    };
    const seen = await ask(loud(endless), { take: 3 });
    expect(seen.text).toBe("XXX");
    expect(given).toBeLessThan(6);
  });
});

describe("mapResponse: the head", () => {
  it("`head` changes status and headers; nothing returned keeps them", async () => {
    const teapot = mapResponse(hello, {
      head: (_status, headers) => ["418 I'm a Teapot", [...headers, ["X-Pot", "1"]]],
    });
    const seen = await ask(teapot);
    expect([seen.status, seen.header("x-pot"), seen.header("content-length"), seen.text]).toEqual([
      418,
      "1",
      "5",
      "hello",
    ]);
    expect(await ask(mapResponse(hello, { head: () => undefined }))).toMatchObject({ status: 200, text: "hello" });
  });

  it("the list that `head` gets is its own: changing it changes nothing of the app's", async () => {
    const shared: HeaderList = [["X-App", "1"]];
    const app: App = (_environ, startResponse) => {
      startResponse("200 OK", shared);
      return ["x"];
    };
    const mapped = mapResponse(app, {
      head(status, headers) {
        headers[0][1] = "2";
        headers.push(["X-More", "3"]);
        return [status, headers];
      },
    });
    const seen = await ask(mapped);
    expect([seen.header("x-app"), seen.header("x-more")]).toEqual(["2", "3"]);
    expect(shared).toEqual([["X-App", "1"]]);
  });

  it("a head that it makes up is checked like any other", async () => {
    const bad = mapResponse(hello, { head: (status) => [status, [["X-Bad", "a\r\nb"]]] });
    const seen = await ask(bad);
    expect(seen.status).toBe(500);
    expect(seen.log).toContain("X-Bad");
  });

  it("without `chunk` and `end` the body is the app's own", async () => {
    const seen = await ask(mapResponse(hello, { head: () => undefined }));
    expect([seen.streamed, seen.header("content-length")]).toEqual([false, "5"]);
  });

  it("is held as without the filter: an error before the first chunk is a 500", async () => {
    const early: App = async function* (_environ, startResponse) {
      startResponse("200 OK", []);
      yield "";
      throw new Error("early");
    };
    expect((await ask(loud(early))).status).toBe(500);
    const throws: App = () => {
      throw new Error("at once");
    };
    expect((await ask(loud(throws))).status).toBe(500);
  });

  it("error is handed on: the app's own error page replaces its head", async () => {
    const own: App = async function* (_environ, startResponse) {
      startResponse("200 OK", [["X-First", "1"]]);
      try {
        throw new Error("inside");
      } catch (error) {
        startResponse("503 Service Unavailable", [["X-Second", "1"]], error);
        yield "sorry";
      }
    };
    const seen = await ask(loud(own));
    expect([seen.status, seen.header("x-first"), seen.header("x-second"), seen.text]).toEqual([
      503,
      undefined,
      "1",
      "SORRY",
    ]);
  });
});

describe("mapResponse: clean-up", () => {
  const watched = (log: string[], fail?: Error): App => {
    async function* chunks(): AsyncGenerator<string> {
      try {
        yield "a";
        if (fail !== undefined) throw fail;
        yield "b";
      } finally {
        log.push("return");
      }
    }
    return (_environ, startResponse) => {
      startResponse("200 OK", []);
      const inner = chunks();
      return { [Symbol.asyncIterator]: () => inner, close: () => void log.push("close") };
    };
  };

  it("the body is closed once at its end", async () => {
    const log: string[] = [];
    expect((await ask(loud(watched(log)))).text).toBe("AB");
    expect(log).toEqual(["return", "close"]);
  });

  it("HEAD: the iteration is not started, the body is closed", async () => {
    const log: string[] = [];
    expect(await ask(loud(watched(log)), { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
    expect(log).toEqual(["close"]);
  });

  it("the client leaves: returned and closed, once each", async () => {
    const log: string[] = [];
    await ask(loud(watched(log)), { take: 1 });
    expect(log).toEqual(["return", "close"]);
  });

  it("the app fails mid-body: the answer breaks, and the body is closed", async () => {
    const log: string[] = [];
    const seen = await ask(loud(watched(log, new Error("mid"))));
    expect([seen.status, seen.text, seen.broken]).toEqual([200, "A", true]);
    expect(seen.log).toContain("mid");
    expect(log).toEqual(["return", "close"]);
  });

  it("an error of `chunk` itself: the app's iteration, which did not end, is returned", async () => {
    const log: string[] = [];
    const bad = mapResponse(watched(log), {
      chunk(bytes) {
        if (bytes[0] === 98) throw new Error("chunk failed");
        return bytes;
      },
    });
    const seen = await ask(bad);
    expect([seen.text, seen.broken]).toEqual(["a", true]);
    expect(seen.log).toContain("chunk failed");
    expect(log).toEqual(["return", "close"]);
  });

  it("an error of `end` breaks the answer", async () => {
    const log: string[] = [];
    const bad = mapResponse(watched(log), {
      end() {
        throw new Error("end failed");
      },
    });
    expect(await ask(bad)).toMatchObject({ text: "ab", broken: true });
    expect(log).toEqual(["return", "close"]);
  });

  it("what is no body is refused as without the filter", async () => {
    const text: App = ((_environ: unknown, start: (status: string, headers: []) => void) => {
      start("200 OK", []);
      return "text";
    }) as unknown as App;
    const seen = await ask(loud(text));
    expect(seen.status).toBe(500);
    expect(seen.log).toContain("return an iterable of chunks");
  });
});

it("an app may give a thenable whose then gives nothing (it was a 500)", async () => {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
  const later = (body: string[]): never => ({ then: (done: (body: string[]) => void) => void done(body) }) as never;
  const app: App = (_environ, start) => {
    start("200 OK", []);
    return later(["hi"]);
  };
  const seen = await ask(mapResponse(app, { chunk: (chunk) => chunk }));
  expect(seen).toMatchObject({ status: 200, text: "hi", log: "" });
});
