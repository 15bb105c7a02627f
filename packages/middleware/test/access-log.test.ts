import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromFetch, type App, type Body, type Chunk, type Environ, type StartResponse } from "@tsgi/core";
import { accessLog, type AccessLogSettings } from "@tsgi/middleware/access-log";
import { conformance, open, request } from "@tsgi/testing";
import { describe, expect, test } from "vitest";

const hello: App = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["Hello"];
};

function logging(app: App, format: string): { app: App; lines: string[] } {
  const lines: string[] = [];
  return { app: accessLog({ format, to: (line) => lines.push(line) })(app), lines };
}

async function lineOf(app: App, format: string, options: Parameters<typeof request>[1] = {}): Promise<string> {
  const logged = logging(app, format);
  await request(logged.app, options);
  expect(logged.lines).toHaveLength(1);
  return logged.lines[0];
}

describe("a filter that keeps everything", () => {
  for (const row of conformance.filter(accessLog({ to: () => {} }))) test(row.name, row.run);
});

describe("the formats", () => {
  const headers = { Referer: "http://a.test/", "User-Agent": "curl/8" };

  test("common is Apache's", async () => {
    const line = await lineOf(hello, "common", { path: "/wiki/Start?rev=2" });
    expect(line).toMatch(
      /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET \/wiki\/Start\?rev=2 HTTP\/1\.1" 200 5$/,
    );
  });

  test("combined adds Referer and User-Agent", async () => {
    expect(await lineOf(hello, "combined", { headers })).toMatch(/ 200 5 "http:\/\/a\.test\/" "curl\/8"$/);
  });

  test("json is one object a line", async () => {
    const line = JSON.parse(await lineOf(hello, "json", { path: "/x", headers })) as Record<string, unknown>;
    expect(line).toMatchObject({ method: "GET", uri: "/x", status: 200, bytes: 5, user_agent: "curl/8" });
    expect(new Date(line.time as string).getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect(line).not.toHaveProperty("remote_user");
  });

  test.each([
    ["%m %U %q %H", "GET /a/b ?c=d HTTP/1.1"],
    ["%v %p %V", "testserver 80 a.test"],
    ["%{X-One}i %{x-two}i", "1 -"],
    ["%{Content-Type}o %{None}o", "text/plain -"],
    ["%{QUERY_STRING}e %{tsgi.runtime}e", "c=d memory"],
    ["%s %>s %b %B 100%%", "200 200 5 5 100%"],
    ["%l %u", "- -"],
  ])("%s", async (format, expected) => {
    const options = { path: "/a/b?c=d", headers: { Host: "a.test:8000", "X-One": "1" } };
    expect(await lineOf(hello, format, options)).toBe(expected);
  });

  test("%D, %T and %{ms}T are how long it took, to the end of the body", async () => {
    const slow: App = async function* (_environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      yield "a";
      await new Promise((resolve) => setTimeout(resolve, 30));
      yield "b";
    };
    const [micro, seconds, milli] = (await lineOf(slow, "%D %T %{ms}T")).split(" ").map(Number);
    expect(micro).toBeGreaterThanOrEqual(29_000);
    expect(milli).toBe(Math.floor(micro / 1000));
    expect(seconds).toBe(Math.floor(micro / 1_000_000));
  });

  test("who an inner filter says it is, is %u", async () => {
    const app: App = (environ, startResponse) => {
      environ.REMOTE_USER = "ann";
      return hello(environ, startResponse);
    };
    expect(await lineOf(app, "%u")).toBe("ann");
  });

  test.each(["%y", "%{x}z", "%{ns}T", "%"])("%s is refused, with those that are known", (format) => {
    expect(() => accessLog({ format })).toThrow(/is no directive of an access log; known are %h %a/);
  });

  test("a setting that is misspelt is refused with the nearest name", () => {
    expect(() => accessLog({ fromat: "common" } as AccessLogSettings)).toThrow("did you mean 'format'?");
  });
});

// CVE-2025-25184 (Rack::CommonLogger): a user name with a line break wrote lines of its own into the log; CVE-2022-30123
// (Rack): escape sequences in a request line reached the terminal of whoever read the log
describe("one request is one line, whatever it says", () => {
  const ESC = "\u001b";

  test("a user name with line breaks and quotes", async () => {
    const app: App = (environ, startResponse) => {
      environ.REMOTE_USER = `x"\r\n127.0.0.1 - admin${ESC}[2J\u2028`;
      return hello(environ, startResponse);
    };
    expect(await lineOf(app, '"%u"')).toBe('"x\\"\\x0d\\x0a127.0.0.1 - admin\\x1b[2J\\u2028"');
    const json = await lineOf(app, "json");
    expect(json).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028]/);
    expect((JSON.parse(json) as { remote_user: string }).remote_user).toContain("\r\n");
  });

  test("header values and paths with quotes, backslashes and latin-1", async () => {
    const options = { path: '/%22%0a\\x"', headers: { "User-Agent": 'a"b\\c\u009b31m' } };
    expect(await lineOf(hello, '"%{User-Agent}i" "%U"', options)).toBe('"a\\"b\\\\c\\x9b31m" "/\\"\\x0a/x\\""');
  });
});

describe("a line is written once the answer has ended", () => {
  test("of a stream, with the bytes that were given", async () => {
    const chunks = ["ab", "é", new Uint8Array(7)];
    const logged = logging(function* (_environ, startResponse): Generator<Chunk> {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      yield* chunks;
    }, "%>s %B");
    const exchange = open(logged.app);
    await exchange.next();
    expect(logged.lines).toEqual([]);
    while ((await exchange.next()) !== null);
    await exchange.done;
    expect(logged.lines).toEqual(["200 11"]);
  });

  test("of what write() sent too", async () => {
    const app: App = async (_environ, startResponse) => {
      await startResponse("200 OK", [["Content-Type", "text/plain"]])("first");
      return ["second"];
    };
    expect(await lineOf(app, "%B")).toBe("11");
  });

  test("of a HEAD, a 204, 205 or 304 and an empty answer: no bytes", async () => {
    expect(await lineOf(hello, "%m %>s %b", { method: "HEAD" })).toBe("HEAD 200 -");
    for (const line of ["204 No Content", "205 Reset Content", "304 Not Modified"]) {
      const empty: App = (_environ, startResponse) => (startResponse(line, []), ["x"]);
      expect(await lineOf(empty, "%>s %b")).toBe(`${line.slice(0, 3)} -`);
    }
  });

  test("when the client leaves", async () => {
    const logged = logging(async function* (environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      while (!environ["tsgi.signal"].aborted) {
        yield "tick";
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }, "%>s");
    const exchange = open(logged.app);
    await exchange.next();
    exchange.disconnect();
    await exchange.done;
    expect(logged.lines).toEqual(["200"]);
  });

  test("when the app fails: 500, as the gateway answers, and what was sent when that is known", async () => {
    const throws: App = () => {
      throw new Error("at once");
    };
    expect(await lineOf(throws, "%>s %b")).toBe("500 -");
    expect(await lineOf(() => Promise.reject(new Error("later")), "%>s")).toBe("500");
    const early: App = function* (_environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      throw new Error("before a chunk");
    };
    expect(await lineOf(early, "%>s")).toBe("500");
    const late = logging(function* (_environ, startResponse) {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      yield "some";
      throw new Error("in the middle");
    }, "%>s %b");
    await expect(request(late.app)).rejects.toThrow("broken off");
    expect(late.lines).toEqual(["200 4"]);
  });

  test("of an app that is a fetch handler", async () => {
    const app = fromFetch(() => new Response("Hello", { status: 201 }));
    expect(await lineOf(app, "%>s %b")).toBe("201 5");
  });

  test("a log that throws breaks no answer", async () => {
    const app = accessLog({
      to: () => {
        throw new Error("disk full");
      },
    })(hello);
    const answer = await request(app);
    expect(answer.text()).toBe("Hello");
    expect(answer.errors).toContain("disk full");
  });

  test("a log that throws beside an error log that throws changes no answer", async () => {
    const full = (): never => {
      throw new Error("disk full");
    };
    const app: App = (environ, startResponse) => {
      environ["tsgi.errors"] = { write: full, flush: full };
      return accessLog({ to: full })(async (inner) => [await inner["tsgi.input"].text()])(environ, startResponse);
    };
    expect((await request(app, { body: "12345", limits: { body: 4 }, validate: false })).status).toBe(413);
  });
});

describe("one line, with the status that the client gets", () => {
  const BAD = { validate: false } as const;
  const returning =
    (body: unknown): App =>
    (_environ, startResponse) => {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      return body as Body;
    };

  // an InputError is answered with its own status; the log said 500
  test("of a request body that the app could not take", async () => {
    const app: App = async (environ, startResponse) => {
      const body = await environ["tsgi.input"].text();
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      return [body];
    };
    expect(await lineOf(app, "%>s", { method: "POST", body: "x".repeat(100), limits: { body: 10 } })).toBe("413");
  });

  // a close() that threw at once, and not in its promise, left no line behind
  test("of a body whose close() throws", async () => {
    const close = (): never => {
      throw new Error("boom");
    };
    expect(await lineOf(returning(Object.assign(["Hello"], { close })), "%>s %b")).toBe("200 5");
    const stream = { [Symbol.iterator]: () => ["a", "b"][Symbol.iterator](), close };
    expect(await lineOf(returning(stream), "%>s %b")).toBe("200 2");
  });

  // nothing at all and text gave no line, bytes `200 NaN`, a number among the chunks `200 -`: the client had a 500
  test.each([
    ["nothing", undefined],
    ["text", "Hello"],
    ["bytes", new Uint8Array([1, 2])],
    ["a number as its chunk", [1]],
    ["a number as its second chunk, behind an empty one", ["", 1]],
  ])("of an app that returns %s", async (_name, body) => {
    expect(await lineOf(returning(body), "%>s %b", BAD)).toBe("500 -");
    expect(await lineOf(async (environ, start) => returning(body)(environ, start), "%>s %b", BAD)).toBe("500 -");
  });

  test("of a generator that yields a number", async () => {
    const app = function* (_environ: Environ, startResponse: StartResponse): Generator<unknown> {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      yield 1;
    };
    expect(await lineOf(app as unknown as App, "%>s %b", BAD)).toBe("500 -");
  });

  // it was `- -`
  test("of an app that never calls startResponse", async () => {
    expect(await lineOf(() => [], "%>s %b", BAD)).toBe("500 -");
    expect(await lineOf(async function* () {}, "%>s %b", BAD)).toBe("500 -");
  });

  // the iterator is refused before there is a first chunk; the log said 200
  test("of a body that cannot be iterated, since somebody else reads it", async () => {
    const stream = new ReadableStream<string>();
    stream.getReader();
    expect(await lineOf(returning(stream), "%>s", BAD)).toBe("500");
  });

  // a stream's head leaves after a turn without a chunk: the client saw 200, the log said 500
  test("of a stream that fails after its head, before its first byte", async () => {
    let fail: (error: Error) => void = () => {};
    const failure = new Promise<never>((_resolve, reject) => (fail = reject));
    const logged = logging(async function* (_environ, startResponse) {
      startResponse("200 OK", [["X-Mine", "1"]]);
      yield await failure;
    }, "%>s %b %{X-Mine}o");
    const exchange = open(logged.app);
    const first = exchange.next();
    expect((await exchange.head)?.status).toBe(200);
    fail(new Error("the database is gone"));
    await expect(first).rejects.toThrow("broken off");
    await exchange.done;
    expect(logged.lines).toEqual(["200 - 1"]);
  });
});

describe("what the gateway takes, the log takes too", () => {
  const stepping = (steps: readonly unknown[], symbol: typeof Symbol.iterator | typeof Symbol.asyncIterator): App => {
    return (_environ, startResponse) => {
      startResponse("200 OK", [["Content-Type", "text/plain"]]);
      const left = [...steps];
      return { [symbol]: () => ({ next: () => left.shift() }) } as unknown as Body;
    };
  };

  // `{ done: 1 }` was taken for a chunk, and the answer for broken
  test.each([Symbol.iterator, Symbol.asyncIterator] as const)("a truthy done: %s", async (symbol) => {
    const app = stepping([{ done: 0, value: "Hello" }, { done: 1 }], symbol);
    expect(await lineOf(app, "%>s %b", { validate: false })).toBe("200 5");
  });

  // a library's own promise, without what `then` gives: the log threw over it
  test("a thenable whose then gives nothing", async () => {
    const app: App = (environ, startResponse) =>
      ({
        // oxlint-disable-next-line unicorn/no-thenable -- that is what is tested
        then: (resolve: (body: Body) => void) => void resolve(hello(environ, startResponse) as Body),
      }) as never;
    expect(await lineOf(app, "%>s %b", { validate: false })).toBe("200 5");
  });
});

describe("where lines go", () => {
  test("to a file, added to what is there; the filter's end closes it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tsgi-access-"));
    try {
      const to = join(folder, "access.log");
      for (const path of ["/one", "/two"]) {
        const filter = accessLog({ format: "%U", to });
        await request(filter(hello), { path });
        await (filter as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.();
      }
      expect(await readFile(to, "utf8")).toBe("/one\n/two\n");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("a file that cannot be opened is an error at start", () => {
    expect(() => accessLog({ to: "/nowhere/at/all/access.log" })).toThrow("ENOENT");
  });

  test("to the deployment's access log where there is one", async () => {
    const lines: string[] = [];
    const log = { write: (text: string) => void lines.push(text), flush: () => {} };
    await request(accessLog({ format: "%U" })(hello), { path: "/x", environ: { "tsgi.access_log": log } });
    expect(lines).toEqual(["/x\n"]);
  });

  test("the factory takes the settings of an INI file", async () => {
    const filter = await accessLog.factory({}, { format: "%m", to: "-" });
    expect(typeof filter).toBe("function");
  });
});
