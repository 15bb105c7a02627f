import { copyEnviron, mapResponse, validator, type Chunk, type Middleware } from "@tsgi/core";
import { conformance } from "@tsgi/testing";
import { describe, expect, test } from "vitest";

const decoder = new TextDecoder();

// filters as they should be

const through: Middleware = (app) => app;

const header: Middleware = (app) => {
  const filter: typeof app = (environ, start) =>
    app(environ, (status, headers, error) => start(status, [...headers, ["X-Filter", "1"]], error));
  return Object.assign(filter, { [Symbol.asyncDispose]: () => dispose(app) });
};

const loud: Middleware = (app) =>
  mapResponse(app, { chunk: (bytes) => decoder.decode(bytes, { stream: true }).toUpperCase() });

const copying: Middleware = (app) => {
  const filter: typeof app = (environ, start) => app(copyEnviron(environ, { "app.user": "karel" }), start);
  return Object.assign(filter, { [Symbol.asyncDispose]: () => dispose(app) });
};

function dispose(app: object): Promise<void> {
  return Promise.resolve((app as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.());
}

const upper = { body: (text: string) => text.toUpperCase() };

describe.each([
  ["nothing", through, {}],
  ["a header", header, {}],
  ["mapResponse", loud, upper],
  ["copyEnviron", copying, {}],
  ["the validator", validator, {}],
] as const)("a filter that keeps everything: %s", (_name, filter, setup) => {
  for (const row of conformance.filter(filter, setup)) test(row.name, row.run);
});

// filters that lose something: the kit says what

async function failures(filter: Middleware): Promise<string[]> {
  const failed: string[] = [];
  for (const row of conformance.filter(filter))
    await row.run().catch(() => failed.push(row.name.replace("filter: ", "")));
  return failed;
}

describe("a filter that loses something fails the row that says so", () => {
  test("the error", async () => {
    const filter: Middleware = (app) => (environ, start) => app(environ, (status, headers) => start(status, headers));
    expect(await failures(filter)).toContain("an error is handed on, so that it replaces the head");
  });

  test("close", async () => {
    const filter: Middleware = (app) => async (environ, start) => {
      const body = await app(environ, start);
      return (async function* (): AsyncGenerator<Chunk> {
        yield* body;
      })();
    };
    expect(await failures(filter)).toEqual(
      expect.arrayContaining(["close is called once after the end", "close of an array is called once"]),
    );
  });

  test("the stream: a filter that collects the body first", async () => {
    const filter: Middleware = (app) => async (environ, start) => {
      const body = await app(environ, start);
      const chunks: Chunk[] = [];
      let left = 60;
      for await (const chunk of body as AsyncIterable<Chunk>) if (chunks.push(chunk) > left--) break;
      await body.close?.();
      return chunks;
    };
    expect(await failures(filter)).toContain("a chunk arrives before the next is asked for");
  });

  test("write", async () => {
    const filter: Middleware = (app) => (environ, start) =>
      app(environ, (status, headers, error) => {
        start(status, headers, error);
        return () => {};
      });
    expect(await failures(filter)).toContain("write comes through, before the body");
  });

  test("cookies and the app's own list", async () => {
    const filter: Middleware = (app) => (environ, start) =>
      app(environ, (status, headers, error) => {
        (headers as [string, string][]).push(["X-Late", "1"]);
        return start(status, Object.entries(Object.fromEntries(headers)), error);
      });
    expect(await failures(filter)).toEqual(
      expect.arrayContaining(["two Set-Cookie fields stay two", "the list that the app gave is not changed"]),
    );
  });
});
