import { ValidationError, validator, type App, type Chunk, type Environ, type Input, type Write } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { collectGarbage } from "../../../tools/oracle/garbage.mjs";
import { readRules } from "../../../tools/spec.mjs";
import { ABSENT, bench, good, open, serve, TEXT, type Bench } from "./validator-bench.ts";

// Every rule of SPEC.md is broken here at least once: what was seen and what was wanted stand in the message.

interface Case {
  /** What is wrong. */
  what: string;
  /** Breaks the rule; rejects for a rule that is refused. */
  by(at: Bench): unknown;
  /** What the message says. */
  says: string;
  /** Keys of the environ that are wrong from the start. */
  environ?: Record<string, unknown>;
  /** It is legal, and said in tsgi.errors. */
  warns?: true;
}

/** An app that does one thing wrong before it answers. */
const doing =
  (act: (environ: Environ) => unknown): App =>
  async (environ, start) => {
    await act(environ);
    start("200 OK", TEXT);
    return [];
  };
/** An app that calls startResponse like this. */
const starting =
  (...args: unknown[]): App =>
  (_environ, start) => {
    (start as (...args: unknown[]) => unknown)(...args);
    return [];
  };
const withHeaders = (...headers: unknown[]): App => starting("200 OK", [...TEXT, ...headers]);
const writing =
  (act: (write: Write) => unknown): App =>
  (_environ, start) => {
    act(start("200 OK", TEXT));
    return [];
  };
const returning =
  (body: unknown): App =>
  (_environ, start) => {
    start("200 OK", TEXT);
    return body as Chunk[];
  };
/** A server whose input does one thing wrong. */
const input = (change: Record<PropertyKey, unknown>): Record<string, unknown> => {
  const real = bench().environ["tsgi.input"];
  const changed = Object.create(real) as Record<PropertyKey, unknown>;
  for (const name of ["bytes", "text", "json", "formData", "stream", "read", Symbol.asyncIterator] as const)
    changed[name] = real[name].bind(real);
  return { "tsgi.input": Object.assign(changed, change) };
};
const reads = (read: (input: Input) => unknown): App => doing((environ) => read(environ["tsgi.input"]));
const untyped = (value: unknown): ((...args: unknown[]) => unknown) => value as (...args: unknown[]) => unknown;
const wrong = (environ: Record<string, unknown>, says: string): Case => ({
  what: `environ with ${Object.keys(environ).join(", ")}`,
  by: (at) => serve(good, at),
  environ,
  says,
});

const CASES: Record<string, Case[]> = {
  S1: [
    {
      what: "the app is called with one argument",
      by: (at) => untyped(validator(good))(at.environ),
      says: "the app was called with (an object",
    },
    {
      what: "startResponse is no function",
      by: (at) => untyped(validator(good))(at.environ, {}),
      says: "(environ, startResponse) is wanted",
    },
  ],
  S2: [
    {
      what: "the environ is a list of pairs",
      by: (at) => serve(good, { ...at, environ: Object.entries(at.environ) as unknown as Environ }),
      says: "environ is an array of",
    },
  ],
  S3: [
    wrong({ SERVER_NAME: ABSENT }, "environ: SERVER_NAME is missing; every request has it"),
    wrong({ "tsgi.input": ABSENT }, "environ: tsgi.input is missing"),
    wrong({ PATH_INFO: ABSENT }, "environ: PATH_INFO is missing"),
    // a copy has what is listed: the check of its path failed on undefined
    {
      what: "the keys are inherited, and so in no listing",
      by: (at) => serve(good, { ...at, environ: Object.create(at.environ) as Environ }),
      says: "environ: REQUEST_METHOD is missing; every request has it",
    },
  ],
  S4: [
    wrong({ REMOTE_USER: null }, "environ: REMOTE_USER is null; a string is wanted, or no such key"),
    wrong({ HTTP_COOKIE: ["a=1", "b=2"] }, "environ: HTTP_COOKIE is an array of 2; a string is wanted"),
    wrong({ HTTP_X: Object("v") }, "environ: HTTP_X is an object of class String; a string is wanted"),
    wrong({ REMOTE_PORT: undefined }, "environ: REMOTE_PORT is undefined; a string is wanted"),
  ],
  S5: [
    wrong({ HTTP_CONTENT_LENGTH: "0" }, "environ: HTTP_CONTENT_LENGTH is there; CONTENT_LENGTH is wanted"),
    wrong({ HTTP_PROXY: "http://evil.test" }, "environ: HTTP_PROXY is there; Proxy is dropped"),
  ],
  S6: [wrong({ REQUEST_METHOD: "GET /" }, 'environ: REQUEST_METHOD is the string "GET /"; a token')],
  S7: [
    { ...wrong({ REQUEST_METHOD: "FROB" }, 'environ: REQUEST_METHOD is the string "FROB"; few know it'), warns: true },
  ],
  S8: [
    wrong({ SCRIPT_NAME: "/" }, 'environ: SCRIPT_NAME is the string "/"; "" or a path'),
    wrong({ SCRIPT_NAME: "wiki" }, 'environ: SCRIPT_NAME is the string "wiki"'),
  ],
  S9: [
    wrong(
      { PATH_INFO: "page" },
      'environ: PATH_INFO is the string "page"; "" or a path that begins with "/" is wanted',
    ),
    wrong({ PATH_INFO: "*" }, 'environ: PATH_INFO is the string "*"'),
  ],
  S10: [
    { ...wrong({ QUERY_STRING: ABSENT }, 'environ: QUERY_STRING is missing; without a query it is ""'), warns: true },
  ],
  S11: [
    wrong({ CONTENT_LENGTH: "-1" }, 'environ: CONTENT_LENGTH is the string "-1"; digits are wanted'),
    wrong({ CONTENT_LENGTH: "+5" }, 'environ: CONTENT_LENGTH is the string "+5"; digits are wanted'),
  ],
  S12: [wrong({ SERVER_PORT: "" }, "environ: SERVER_PORT is empty; it is always known")],
  S13: [
    wrong({ "tsgi.version": "1.0" }, 'environ: tsgi.version is the string "1.0"; the array [1, 0] is wanted'),
    wrong({ "tsgi.version": [2, 0] }, "environ: tsgi.version is an array of 2; the array [1, 0] is wanted"),
  ],
  S14: [
    wrong({ "tsgi.url_scheme": "HTTP" }, 'environ: tsgi.url_scheme is the string "HTTP"; "http" or "https" is wanted'),
  ],
  S15: [wrong({ "tsgi.run_once": 0 }, "environ: tsgi.run_once is the number 0; a boolean is wanted")],
  S16: [wrong({ "tsgi.wait_until": true }, "environ: tsgi.wait_until is the boolean true; a function is wanted")],
  S17: [
    wrong({ "tsgi.input": {} }, "tsgi.input (an object of class Object) has no method bytes()"),
    wrong(input({ [Symbol.asyncIterator]: undefined }), "has no method [Symbol.asyncIterator]()"),
  ],
  S18: [
    {
      what: "stream() gives a promise",
      environ: input({ stream: async () => new ReadableStream() }),
      by: (at) =>
        serve(
          reads((body) => body.stream()),
          at,
        ),
      says: "tsgi.input.stream() gave an object of class Promise; a ReadableStream is wanted",
    },
  ],
  S19: [
    {
      what: "text() gives a string",
      environ: input({ text: () => "text" }),
      by: (at) =>
        serve(
          reads((body) => body.text()),
          at,
        ),
      says: 'tsgi.input.text() gave the string "text"; a promise is wanted',
    },
  ],
  S20: [
    {
      what: "bytes() resolves to a string",
      environ: input({ bytes: async () => "abc" }),
      by: (at) =>
        serve(
          reads((body) => body.bytes()),
          at,
        ),
      says: 'tsgi.input.bytes() resolved to the string "abc"; a Uint8Array is wanted',
    },
    {
      what: "text() resolves to bytes",
      environ: input({ text: async () => new Uint8Array(1) }),
      by: (at) =>
        serve(
          reads((body) => body.text()),
          at,
        ),
      says: "tsgi.input.text() resolved to an object of class Uint8Array; a string is wanted",
    },
    {
      what: "formData() resolves to a plain object",
      environ: input({ formData: async () => ({}) }),
      by: (at) =>
        serve(
          reads((body) => body.formData()),
          at,
        ),
      says: "tsgi.input.formData() resolved to an object of class Object; a FormData is wanted",
    },
  ],
  S21: [
    {
      what: "read(4) resolves to text",
      environ: input({ read: async () => "abcd" }),
      by: (at) =>
        serve(
          reads((body) => body.read(4)),
          at,
        ),
      says: 'tsgi.input.read(4) resolved to the string "abcd"; a Uint8Array is wanted',
    },
    {
      what: "read(4) resolves to five bytes",
      environ: input({ read: async () => new Uint8Array(5) }),
      by: (at) =>
        serve(
          reads((body) => body.read(4)),
          at,
        ),
      says: "tsgi.input.read(4) resolved to 5 bytes; at most 4 are wanted",
    },
  ],
  S22: [
    {
      what: "iterating gives lines of text",
      environ: input({
        async *[Symbol.asyncIterator]() {
          yield "line\n";
        },
      }),
      by: (at) =>
        serve(
          reads(async (body) => void (await body[Symbol.asyncIterator]().next())),
          at,
        ),
      says: 'iterating tsgi.input gave the string "line\\n"; a Uint8Array is wanted',
    },
    {
      what: "iterating gives no iterator",
      environ: input({ [Symbol.asyncIterator]() {} }),
      by: (at) =>
        serve(
          reads((body) => body[Symbol.asyncIterator]()),
          at,
        ),
      says: "iterating tsgi.input gave undefined; an iterator is wanted",
    },
    {
      what: "next() gives nothing",
      environ: input({ [Symbol.asyncIterator]: () => ({ async next() {} }) }),
      by: (at) =>
        serve(
          reads((body) => body[Symbol.asyncIterator]().next()),
          at,
        ),
      says: "iterating tsgi.input: next() gave undefined; an object { value, done } is wanted",
    },
  ],
  S23: [wrong({ "tsgi.errors": { write() {} } }, "tsgi.errors (an object of class Object) has no method flush()")],
  S24: [
    {
      what: "an array is read after it was closed",
      by: async (at) => {
        const body = await open(good, at);
        const iterator = body[Symbol.iterator]!();
        await body.close();
        iterator.next();
      },
      says: "body: next() was called after close(); a closed body is not read",
    },
  ],
  S25: [
    {
      what: "the server closes twice",
      by: async (at) => {
        const body = await open(good, at);
        await body.close();
        await body.close();
      },
      says: "body: close() was called twice; once is wanted",
    },
  ],
  S26: [
    {
      what: "the server closes in the middle of a generator without return()",
      by: async (at) => {
        const body = await open(function* (_environ, start) {
          start("200 OK", TEXT);
          yield "a";
          yield "b";
        }, at);
        body[Symbol.iterator]!().next();
        await body.close();
      },
      says: "body: close() was called in the middle of the iteration; return() on the iterator comes first",
    },
  ],
  A1: [
    {
      what: "read() without a size",
      by: (at) =>
        serve(
          reads((body) => untyped(body.read)()),
          at,
        ),
      says: "tsgi.input.read was called with no argument; one whole number",
    },
    {
      what: "read(1, 2)",
      by: (at) =>
        serve(
          reads((body) => untyped(body.read)(1, 2)),
          at,
        ),
      says: "was called with the number 1, the number 2",
    },
    {
      what: "read(-1)",
      by: (at) =>
        serve(
          reads((body) => body.read(-1)),
          at,
        ),
      says: "was called with the number -1",
    },
  ],
  A2: [
    {
      what: "the app closes the input",
      environ: input({ close() {} }),
      by: (at) =>
        serve(
          reads((body) => (body as Input & { close(): void }).close()),
          at,
        ),
      says: "tsgi.input.close was used; an app may use bytes, text, json, formData, stream, read and iteration",
    },
  ],
  A3: [
    {
      what: 'text("utf-8")',
      by: (at) =>
        serve(
          reads((body) => untyped(body.text)("utf-8")),
          at,
        ),
      says: 'tsgi.input.text was called with the string "utf-8"; it takes no argument',
    },
    {
      what: "stream({})",
      by: (at) =>
        serve(
          reads((body) => untyped(body.stream)({})),
          at,
        ),
      says: "tsgi.input.stream was called with an object",
    },
  ],
  A4: [
    {
      what: "errors.write with bytes",
      by: (at) =>
        serve(
          doing((environ) => untyped(environ["tsgi.errors"].write)(new Uint8Array(1))),
          at,
        ),
      says: "tsgi.errors.write was called with an object of class Uint8Array; one string is wanted",
    },
    {
      what: "errors.flush with an argument",
      by: (at) =>
        serve(
          doing((environ) => untyped(environ["tsgi.errors"].flush)(true)),
          at,
        ),
      says: "tsgi.errors.flush was called with the boolean true; it takes no argument",
    },
    {
      what: "errors.close",
      environ: { "tsgi.errors": { write() {}, flush() {}, close() {} } },
      by: (at) =>
        serve(
          doing((environ) => (environ["tsgi.errors"] as unknown as { close(): void }).close()),
          at,
        ),
      says: "tsgi.errors.close was used; an app may use write and flush",
    },
  ],
  A5: [
    {
      what: "startResponse with the status only",
      by: (at) => serve(starting("200 OK"), at),
      says: "startResponse was called with 1 argument(s); two or three are wanted",
    },
    {
      what: "startResponse with four arguments",
      by: (at) => serve(starting("200 OK", TEXT, undefined, 1), at),
      says: "with 4 argument(s)",
    },
  ],
  A6: [
    {
      what: "the error is a string",
      by: (at) => serve(starting("200 OK", TEXT, "oops"), at),
      says: 'startResponse: the error is the string "oops"; an Error is wanted',
    },
  ],
  A7: [
    {
      what: "startResponse is called twice",
      by: (at) =>
        serve((_environ, start) => {
          start("200 OK", TEXT);
          start("200 OK", TEXT);
          return [];
        }, at),
      says: "startResponse was called twice; a second call needs an error as its third argument",
    },
    {
      what: "the first call was refused and the second gives no error",
      by: (at) =>
        serve((_environ, start) => {
          try {
            start("20", TEXT);
          } catch {
            start("200 OK", TEXT);
          }
          return [];
        }, at),
      says: "startResponse was called twice",
    },
  ],
  A8: [200, "20 OK", "OK! fine", "", "999 Huge", "100 Continue", "200-OK", "200 OK\r\nX: y"].map((status) => ({
    what: `status ${JSON.stringify(status)}`,
    by: (at: Bench) => serve(starting(status, TEXT), at),
    says: `startResponse: status is the ${typeof status} ${JSON.stringify(status)}; "NNN Reason" with a code from 200 to 599 is wanted`,
  })),
  A9: [
    {
      what: "a bare code",
      by: (at) => serve(starting("404", TEXT), at),
      says: 'startResponse: status is the string "404"',
      warns: true,
    },
  ],
  A10: [
    {
      what: "headers as an object",
      by: (at) => serve(starting("200 OK", { "Content-Type": "text/plain" }), at),
      says: "startResponse: headers are an object of class Object; an array of [name, value] pairs is wanted",
    },
    {
      what: "a header with one item",
      by: (at) => serve(withHeaders(["X-A"]), at),
      says: "startResponse: a header is an array of 1; a pair",
    },
    {
      what: "a header in one string",
      by: (at) => serve(withHeaders("X-A: b"), at),
      says: 'startResponse: a header is the string "X-A: b"',
    },
  ],
  A11: ["X-A:", "X A", "", "X-A-", "X_", "1X", "X-A!*", 5].map((name) => ({
    what: `a header named ${JSON.stringify(name)}`,
    by: (at: Bench) => serve(withHeaders([name, "v"]), at),
    says: `startResponse: a header name is the ${typeof name} ${JSON.stringify(name)}; letters, digits`,
  })),
  A12: [
    {
      what: "a header named Status",
      by: (at) => serve(withHeaders(["Status", "200 OK"]), at),
      says: 'startResponse: header "Status"; the status is the first argument',
    },
  ],
  A13: ["Connection", "keep-alive", "Transfer-Encoding", "Trailer"].map((name) => ({
    what: `the header ${name}`,
    by: (at: Bench) => serve(withHeaders([name, "x"]), at),
    says: `startResponse: header "${name}" is hop-by-hop; it belongs to the server`,
  })),
  A14: ["a\r\nX-B: b", "a\0b", "a\u007fb", "a\tb", "✓", null].map((value) => ({
    what: `a header value ${JSON.stringify(value)}`,
    by: (at: Bench) => serve(withHeaders(["X-A", value]), at),
    says: 'startResponse: header "X-A" is ',
  })),
  A15: [
    {
      what: "Content-Length twice",
      by: (at) => serve(withHeaders(["Content-Length", "0"], ["content-length", "0"]), at),
      says: "startResponse: Content-Length is there twice; once at most is wanted",
    },
    {
      what: "Content-Length +5",
      by: (at) => serve(withHeaders(["Content-Length", "+5"]), at),
      says: 'startResponse: Content-Length is the string "+5"; digits are wanted',
    },
  ],
  A16: [
    {
      what: "a 204 with a Content-Type",
      by: (at) => serve(starting("204 No Content", TEXT), at),
      says: "startResponse: Content-Type with status 204, which has no content; none is wanted",
    },
  ],
  A17: [
    {
      what: "a 204 with a Content-Length",
      by: (at) => serve(starting("204 No Content", [["Content-Length", "0"]]), at),
      says: "startResponse: Content-Length with status 204",
      warns: true,
    },
  ],
  A18: [
    {
      what: "a 200 without a Content-Type",
      by: (at) => serve(starting("200 OK", []), at),
      says: "startResponse: no Content-Type with status 200; one is wanted",
    },
    // a generator was never asked: its body is there before it says a head
    {
      what: "a generator without a Content-Type",
      by: (at) =>
        serve(function* (_environ, start) {
          start("200 OK", []);
          yield "x";
        }, at),
      says: "startResponse: no Content-Type with status 200; one is wanted",
    },
    {
      what: "an async generator without a Content-Type that gives nothing",
      by: (at) =>
        serve(async function* (_environ, start) {
          start("200 OK", []);
        }, at),
      says: "startResponse: no Content-Type with status 200; one is wanted",
    },
  ],
  A19: [
    {
      what: "write with a number",
      by: (at) =>
        serve(
          writing((write) => untyped(write)(5)),
          at,
        ),
      says: "write was called with the number 5; one chunk is wanted",
    },
    {
      what: "write with nothing",
      by: (at) =>
        serve(
          writing((write) => untyped(write)()),
          at,
        ),
      says: "write was called with no argument",
    },
  ],
  A20: [
    {
      what: "write within a generator",
      by: (at) =>
        serve(function* (_environ, start) {
          void start("200 OK", TEXT)("a");
          yield "b";
        }, at),
      says: "write was called while the body was iterated; yield the chunk instead",
      warns: true,
    },
  ],
  A21: [
    {
      what: "write.flush",
      by: (at) =>
        serve(
          writing((write) => (write as Write & { flush(): void }).flush()),
          at,
        ),
      says: "write.flush was used; write is a function without attributes",
    },
  ],
  A22: [undefined, null, false].map((body) => ({
    what: `the app returns ${body}`,
    by: (at: Bench) => serve(returning(body), at),
    says: "an iterable of chunks is wanted, [] for an empty body",
  })),
  A23: ["hello", Object("hello"), new Uint8Array(2), new ArrayBuffer(2)].map((body) => ({
    what: `the app returns a bare ${(body as object).constructor.name}`,
    by: (at: Bench) => serve(returning(body), at),
    says: "return it as a single-item array, [chunk]",
  })),
  A24: [
    {
      what: "the app returns a number",
      by: (at) => serve(returning(7), at),
      says: "the app returned the number 7; an iterable of chunks is wanted",
    },
    // these two were errors of the validator's own: "cannot read properties of undefined"
    {
      what: "the body gives no iterator",
      by: (at) => serve(returning({ [Symbol.asyncIterator]() {} }), at),
      says: "body: its iterator is undefined; an object with next() is wanted",
    },
    {
      what: "next() gives nothing",
      by: (at) => serve(returning({ [Symbol.asyncIterator]: () => ({ async next() {} }) }), at),
      says: "body: next() gave undefined; an object { value, done } is wanted",
    },
  ],
  A25: [
    {
      what: "close is no function",
      by: (at) => serve(returning(Object.assign(["x"], { close: true })), at),
      says: "body.close is the boolean true; a function is wanted",
    },
  ],
  A26: [
    {
      what: "a number as chunk",
      by: (at) => serve(returning([1]), at),
      says: "body: a chunk is the number 1; a string or Uint8Array is wanted",
    },
    {
      what: "an ArrayBuffer from a generator",
      by: (at) => serve(returning(new Set([new ArrayBuffer(1)])), at),
      says: "body: a chunk is an object of class ArrayBuffer",
    },
  ],
  A27: [
    {
      what: "startResponse is never called, an array",
      by: (at) => serve(() => ["x"], at),
      says: "came before startResponse was called; call it first",
    },
    {
      what: "startResponse is never called, an empty array",
      by: (at) => serve(() => [], at),
      says: "came before startResponse was called; call it first",
    },
    {
      what: "startResponse is called after the first chunk",
      by: (at) =>
        serve(async function* (_environ, start) {
          yield "early";
          start("200 OK", TEXT);
        }, at),
      says: "came before startResponse was called; call it first",
    },
  ],
  A28: [
    {
      what: "a 304 with a body",
      by: (at) => serve((_environ, start) => (start("304 Not Modified", []), ["body"]), at),
      says: "body: 4 bytes came with status 304; no content is wanted",
      warns: true,
    },
  ],
  A29: [
    {
      what: "an array that is too short",
      by: (at) => serve((_environ, start) => (start("200 OK", [...TEXT, ["Content-Length", "99"]]), ["hello"]), at),
      says: "body: 5 bytes came and Content-Length says 99; exactly as many are wanted",
    },
    {
      what: "a stream that is too short",
      by: (at) =>
        serve(async function* (_environ, start) {
          start("200 OK", [...TEXT, ["Content-Length", "5"]]);
          yield "abc";
        }, at),
      says: "body: 3 bytes came and Content-Length says 5",
    },
    {
      what: "what is written and yielded is too long, in bytes",
      by: (at) =>
        serve((_environ, start) => {
          void start("200 OK", [...TEXT, ["Content-Length", "2"]])("é");
          return new Set(["x"]);
        }, at),
      says: "body: 3 bytes came and Content-Length says 2",
    },
  ],
  F1: [
    {
      what: "a filter's startResponse gives nothing",
      by: (at) => serve(good, { ...at, start: (() => {}) as unknown as Bench["start"] }),
      says: "startResponse gave undefined; the function write is wanted",
    },
  ],
  F2: [
    {
      what: "a filter reads ahead",
      by: async (at) => {
        const body = await open(async function* (_environ, start) {
          start("200 OK", TEXT);
          yield "a";
        }, at);
        const iterator = body[Symbol.asyncIterator]!();
        const first = iterator.next();
        try {
          await iterator.next();
        } finally {
          await first;
        }
      },
      says: "body: next() was called while an earlier next() was pending; await that first",
    },
  ],
  F3: [
    {
      what: "a filter drops a body",
      by: async (at) => {
        for (const app of [good, (_environ, start) => (start("200 OK", TEXT), new Set(["x"]))] satisfies App[])
          await open(app, at);
        // Bun's collector takes what lies about on the stack for a reference, until something else lies there
        for (let i = 0; i < 50 && at.written.length < 2; i++) await collectGarbage();
        expect(at.written).toHaveLength(2);
      },
      says: "a body was dropped without close(); close it once",
      warns: true,
    },
  ],
};

describe("every rule has a case that breaks it", () => {
  for (const { id } of readRules())
    test(id, () => {
      expect(CASES[id]?.length ?? 0).toBeGreaterThan(0);
    });

  test("and every case a rule", () => {
    expect(Object.keys(CASES).filter((id) => !readRules().some((rule) => rule.id === id))).toEqual([]);
  });
});

for (const [id, cases] of Object.entries(CASES))
  describe(id, () => {
    for (const { what, by, says, environ, warns } of cases)
      test(`${warns ? "warned of" : "refused"}: ${what}`, async () => {
        const at = bench(environ);
        if (warns) {
          await by(at);
          expect(at.written.join("")).toContain(says);
          expect(at.written.join("")).toContain(`(SPEC.md, rule ${id})`);
          return;
        }
        const error = await Promise.resolve()
          .then(() => by(at))
          .then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
        expect(error).toBeInstanceOf(ValidationError);
        expect(error).toBeInstanceOf(TypeError);
        expect((error as ValidationError).message).toContain(says);
        expect((error as ValidationError).message).toContain(`(SPEC.md, rule ${id})`);
        expect((error as ValidationError).rule).toBe(id);
      });
  });
