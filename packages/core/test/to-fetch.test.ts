import { describe, expect, it } from "vitest";
import { toFetch } from "../src/index.ts";
import type { App, Environ } from "../src/index.ts";

const hello: App = (_environ, start) => {
  start("200 OK", [["Content-Type", "text/plain"]]);
  return ["hello"];
};
const dump =
  (...keys: string[]): App =>
  (environ, start) => {
    start("200 OK", [["Content-Type", "application/json"]]);
    return [JSON.stringify(keys.map((key) => environ[key] ?? null))];
  };
const get = (url = "http://test.example/"): Request => new Request(url);
const silent = { write: () => {}, flush: () => {} };

describe("toFetch: the environ", () => {
  it("is that of the Request", async () => {
    const handler = toFetch(
      dump(
        "REQUEST_METHOD",
        "PATH_INFO",
        "QUERY_STRING",
        "REQUEST_URI",
        "CONTENT_TYPE",
        "HTTP_X_ONE",
        "tsgi.url_scheme",
      ),
    );
    const request = new Request("https://test.example/a%20b?c=%20", {
      method: "PUT",
      body: "x",
      headers: { "content-type": "text/x", "x-one": "1" },
    });
    expect(await (await handler(request)).json()).toEqual([
      "PUT",
      "/a b",
      "c=%20",
      "/a%20b?c=%20",
      "text/x",
      "1",
      "https",
    ]);
  });

  it.each([
    ["http://test.example/", ["test.example", "test.example", "80"]],
    ["http://test.example:8080/", ["test.example:8080", "test.example", "8080"]],
    ["https://[::1]:8443/x", ["[::1]:8443", "::1", "8443"]],
  ])("of %s has host, name and port from the URL where no listener is known", async (url, wanted) => {
    expect(await (await toFetch(dump("HTTP_HOST", "SERVER_NAME", "SERVER_PORT"))(get(url))).json()).toEqual(wanted);
  });

  it("has what the callback makes of the runtime's further arguments, which reach nothing else", async () => {
    const handler = toFetch(dump("REMOTE_ADDR", "tsgi.runtime", "app.info"), {
      environ: (request, event: { address: string }, info: number) => ({
        REMOTE_ADDR: event.address,
        "tsgi.runtime": "fastly",
        "app.info": [info, request.method],
        REMOTE_USER: undefined,
      }),
    });
    expect(await (await handler(get(), { address: "192.0.2.1" }, 5)).json()).toEqual([
      "192.0.2.1",
      "fastly",
      [5, "GET"],
    ]);
    const keys: App = (environ, start) => {
      start("200 OK", []);
      return [JSON.stringify(Object.keys(environ).includes("REMOTE_USER"))];
    };
    expect(await (await toFetch(keys, { environ: () => ({ REMOTE_USER: undefined }) })(get())).text()).toBe("false");
  });

  it.each([
    ["/wiki", "/wiki/page", ["/wiki", "/page"]],
    ["/wiki", "/wiki", ["/wiki", ""]],
    ["/wiki/", "/wiki/page", ["/wiki", "/page"]],
    ["/wiki", "/wikipedia", ["", "/wikipedia"]],
    ["/a%20b", "/a%20b/c", ["/a b", "/c"]],
    [undefined, "/wiki", ["", "/wiki"]],
  ])("mounted at %s splits %s", async (scriptName, path, wanted) => {
    const handler = toFetch(dump("SCRIPT_NAME", "PATH_INFO"), { scriptName });
    expect(await (await handler(get(`http://test.example${path}`))).json()).toEqual(wanted);
  });

  it("has the Request itself as tsgi.request, and its signal's end as tsgi.signal's", async () => {
    let environ: Environ | undefined;
    const app: App = (given, start) => {
      environ = given;
      void given["tsgi.signal"];
      start("200 OK", []);
      return new ReadableStream({ pull: () => new Promise(() => {}) });
    };
    const client = new AbortController();
    const request = new Request("http://test.example/", { signal: client.signal });
    await toFetch(app)(request);
    expect(environ?.["tsgi.request"]).toBe(request);
    expect(environ?.["tsgi.signal"].aborted).toBe(false);
    client.abort();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(environ?.["tsgi.signal"].aborted).toBe(true);
  });
});

describe("toFetch: the Response", () => {
  it("has status, headers in order, repeated ones apart, and body", async () => {
    const app: App = (_environ, start) => {
      start("404 Not Found", [
        ["Content-Type", "text/x"],
        ["Set-Cookie", "a=1"],
        ["X-One", "1"],
        ["Set-Cookie", "b=2"],
      ]);
      return ["no", new TextEncoder().encode("thing")];
    };
    const response = await toFetch(app)(get());
    expect([response.status, response.headers.getSetCookie(), response.headers.get("x-one")]).toEqual([
      404,
      ["a=1", "b=2"],
      "1",
    ]);
    expect(await response.text()).toBe("nothing");
  });

  it.each([[["text"]], [[""]], [[]]])("brings no Content-Type of its own to the text body %j", async (body) => {
    const app: App = (_environ, start) => {
      start("200 OK", []);
      return body;
    };
    const response = await toFetch(app)(get());
    expect([response.headers.get("content-type"), await response.text()]).toEqual([null, body.join("")]);
  });

  it.each(["204 No Content", "205 Reset Content", "304 Not Modified"])(
    "of %s has no body, whatever the app returns",
    async (line) => {
      const app: App = (_environ, start) => {
        start(line, []);
        return ["text"];
      };
      const response = await toFetch(app)(get());
      expect([response.status, response.body, await response.text()]).toEqual([Number(line.slice(0, 3)), null, ""]);
    },
  );

  it("streams: a chunk is there before the next is made", async () => {
    let made = 0;
    const app: App = async function* (_environ, start) {
      start("200 OK", []);
      for (;;) {
        made++;
        yield "chunk";
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    };
    const response = await toFetch(app)(get());
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("chunk");
    expect(made).toBeLessThan(4);
    await reader.cancel();
  });

  it("of a POST whose body nobody read comes all the same", async () => {
    const request = new Request("http://test.example/", { method: "POST", body: "x".repeat(100_000) });
    expect(await (await toFetch(hello)(request)).text()).toBe("hello");
  });
});

describe("toFetch: what goes wrong is an answer, never a rejection", () => {
  it.each<[string, () => App | Promise<App>]>([
    [
      "throws",
      () => () => {
        throw new Error("secret");
      },
    ],
    ["rejects", () => () => Promise.reject(new Error("secret"))],
    ["never calls startResponse", () => () => []],
    ["returns no body", () => (() => undefined) as unknown as App],
    ["is a promise that is rejected", () => Promise.reject(new Error("secret"))],
  ])("an app that %s is a 500", async (_name, make) => {
    const log: string[] = [];
    const handler = toFetch(make(), { errorLog: { write: (text) => void log.push(text), flush: () => {} } });
    const response = await handler(get());
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error"]);
    expect(log.join("")).not.toBe("");
  });

  it("an environ callback that throws is a 500, and logged", async () => {
    const log: string[] = [];
    const handler = toFetch(hello, {
      environ: () => {
        throw new Error("no such session");
      },
      errorLog: { write: (text) => void log.push(text), flush: () => {} },
    });
    const response = await handler(get());
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error"]);
    expect(log.join("")).toContain("no such session");
  });

  it("a body beyond the limit is a 413", async () => {
    const app: App = async (environ, start) => {
      const text = await environ["tsgi.input"].text();
      start("200 OK", []);
      return [text];
    };
    const request = new Request("http://test.example/", { method: "POST", body: "x".repeat(100) });
    expect((await toFetch(app, { limits: { body: 99 }, errorLog: silent })(request)).status).toBe(413);
  });

  // Whoever had read the Request before, a framework's middleware say, had the client answered 400, and nothing in the log.
  it.each(["text", "bytes", "json", "formData"] as const)(
    "a body that was read before is no fault of the client's: %s()",
    async (kind) => {
      const log: string[] = [];
      const errorLog = { write: (text: string) => void log.push(text), flush() {} };
      const handler = toFetch(
        async (environ, startResponse) => {
          await environ["tsgi.input"][kind]();
          startResponse("200 OK", []);
          return [];
        },
        { errorLog },
      );
      const request = new Request("http://h/", { method: "POST", body: "read", headers: { "Content-Length": "4" } });
      await request.text();
      expect((await handler(request)).status).toBe(500);
      expect(log.join("")).toContain("TypeError");
    },
  );

  it("an unknown limit, and what is no app, are errors at once", () => {
    expect(() => toFetch(hello, { limits: { bodies: 1 } as object })).toThrow(/limits\.bodies/);
    expect(() => toFetch({ fetch: () => new Response() } as unknown as App)).toThrow(TypeError);
  });
});

describe("toFetch: the app", () => {
  it("may be a promise", async () => {
    expect(await (await toFetch(Promise.resolve(hello))(get())).text()).toBe("hello");
  });

  it("hands on its own end", async () => {
    let ended = 0;
    const app: App = Object.assign((...given: Parameters<App>) => hello(...given), {
      [Symbol.asyncDispose]: async () => void ended++,
    });
    const handler = toFetch(app);
    await handler[Symbol.asyncDispose]?.();
    await handler[Symbol.asyncDispose]?.();
    expect(ended).toBe(1);
    expect(toFetch(hello)[Symbol.asyncDispose]).toBeUndefined();
  });
});

it("gives who reads ahead of a stream its chunks in their order, and its end", async () => {
  const answer = await toFetch(async function* (_environ, startResponse) {
    startResponse("200 OK", []);
    for (const chunk of ["one", "two"]) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      yield chunk;
    }
  })(new Request("http://host/"));
  const reader = answer.body!.getReader();
  const steps = await Promise.all([reader.read(), reader.read(), reader.read()]);
  expect(steps.map(({ value }) => value && new TextDecoder().decode(value))).toEqual(["one", "two", undefined]);
  expect(steps.map(({ done }) => done)).toEqual([false, false, true]);
});

// `write` of a log that appends to a file is an async function as a rule; a full disk ended the process.
it("an error log that is asynchronous and fails leaves no rejection unhandled", async () => {
  const asked: string[] = [];
  const fails = (what: string) => async (): Promise<void> => {
    asked.push(what);
    throw new Error("disk full");
  };
  const app: App = () => {
    throw new Error("boom");
  };
  const handler = toFetch(app, { errorLog: { write: fails("write"), flush: fails("flush") } });
  expect((await handler(new Request("http://test.example/"))).status).toBe(500);
  // an unhandled rejection is told within a turn of the event loop, and fails the run
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(asked).toEqual(["write", "flush"]);
});
