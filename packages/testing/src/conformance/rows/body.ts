import type { Body } from "@tsgi/core";
import type { Row } from "../row.ts";
import { faulty } from "../observe.ts";
import { equal, includes, ok } from "../check.ts";
import { sleep, text } from "../bodies.ts";

// What an app may return, and how it is framed: framing belongs to the gateway.

const encoder = new TextEncoder();

/** A row whose app returns `make()` and whose client sees `expected`. */
function gives(name: string, make: () => Body, expected: string, rule?: string): Row {
  return [
    `body: ${name}`,
    (_environ, start) => {
      text(start);
      return make();
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text, answer.whole], [200, expected, true], "answer");
    },
    rule ?? "PEP 3333 Specification Details",
  ];
}

/** A row whose app returns what is no body: a 500, and a log that says what it was. */
function isNone(name: string, make: () => unknown, said: string): Row {
  return [
    `body: ${name} is a 500 and the log says so`,
    faulty((_environ, start) => {
      text(start);
      return make() as Body;
    }),
    async (t) => {
      equal((await t.ask()).status, 500, "status");
      const errors = await t.errors(said);
      includes(errors, "TypeError", "errors");
      includes(errors, said, "errors");
    },
  ];
}

export const body: readonly Row[] = [
  gives("an empty array is an empty answer", () => [], ""),
  gives("an array of one empty chunk is an empty answer", () => [""], ""),
  gives("an array of several chunks", () => ["a", "b", "", "c"], "abc"),
  gives("bytes", () => [encoder.encode("bytes")], "bytes"),
  gives("a part of a larger buffer is that part", () => [encoder.encode("xxpartxx").subarray(2, 6)], "part"),
  gives(
    "text as UTF-8",
    () => ["\u017elu\u0165ou\u010dk\u00fd ", "\u{1f40e}"],
    "\u017elu\u0165ou\u010dk\u00fd \u{1f40e}",
  ),
  gives("one chunk of text as UTF-8 with the length of its bytes", () => ["\u010d\u{1f40e}"], "\u010d\u{1f40e}"),
  gives("a Set", () => new Set(["a", "b"]), "ab"),
  gives(
    "a generator object",
    () =>
      (function* () {
        yield "a";
        yield encoder.encode("b");
      })(),
    "ab",
  ),
  gives(
    "an async generator object",
    () =>
      (async function* () {
        yield "a";
        await sleep(5);
        yield "b";
      })(),
    "ab",
  ),
  gives(
    "an iterator without return()",
    () => {
      let left = 3;
      return {
        [Symbol.iterator]: () => ({
          next: () => (left-- > 0 ? { done: false as const, value: "x" } : { done: true as const, value: undefined }),
        }),
      };
    },
    "xxx",
  ),
  gives(
    "a ReadableStream",
    () =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(encoder.encode("str"));
          controller.enqueue(encoder.encode("eam"));
          controller.close();
        },
      }) as unknown as Body,
    "stream",
  ),
  gives("the body of a Response", () => new Response("of a response").body as unknown as Body, "of a response"),
  gives(
    "empty chunks between others are no end",
    () =>
      (function* () {
        yield "";
        yield "a";
        yield "";
        yield new Uint8Array(0);
        yield "b";
      })(),
    "ab",
  ),
  [
    "body: an array subclass and a frozen array are arrays",
    (environ, start) => {
      text(start);
      return environ.QUERY_STRING === "frozen" ? (Object.freeze(["x"]) as unknown as Body) : Array.from(["x"]);
    },
    async (t) => {
      for (const target of ["/?frozen", "/"]) {
        const answer = await t.ask({ target });
        equal([answer.text, answer.header("content-length")], ["x", "1"], "answer");
      }
    },
  ],
  [
    "body: 8 MiB in one chunk arrive whole",
    (_environ, start) => {
      text(start);
      return [new Uint8Array(8 * 1024 * 1024).fill(97)];
    },
    async (t) => {
      const answer = await t.ask();
      equal(
        [answer.body.length, answer.whole, answer.body.every((byte) => byte === 97)],
        [8388608, true, true],
        "body",
      );
      t.permits(answer, "8 MiB are compared by their length");
    },
  ],
  [
    "body: 5000 small chunks arrive in order",
    function* (_environ, start) {
      text(start);
      for (let i = 0; i < 5000; i++) yield `${i},`;
    },
    async (t) => {
      const answer = await t.ask();
      equal(answer.text.length, 23890, "length");
      ok(answer.text.startsWith("0,1,2,3,") && answer.text.endsWith("4998,4999,"), "the chunks are in order");
    },
  ],
  [
    "body: all byte values pass untouched",
    (_environ, start) => {
      start("200 OK", [["Content-Type", "application/octet-stream"]]);
      return [Uint8Array.from({ length: 256 }, (_, i) => i)];
    },
    async (t) => equal([...(await t.ask()).body].join(), Array.from({ length: 256 }, (_, i) => i).join(), "body"),
  ],
  [
    "body: several chunks have one framing and never two",
    (_environ, start) => {
      text(start);
      return ["a", "b"];
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.text, answer.whole], ["ab", true], "answer");
      const framings = answer.all("content-length").length + answer.all("transfer-encoding").length;
      equal(framings, 1, "fields that say where the body ends");
    },
    "RFC 9112 6.1",
  ],
  [
    "body: a Content-Length that holds is sent",
    function* (_environ, start) {
      text(start, [["Content-Length", "4"]]);
      yield "ab";
      yield "cd";
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.text, answer.whole], ["abcd", true], "answer");
    },
    "RFC 9110 8.6",
  ],
  [
    "body: a Content-Length is counted in bytes and not in characters",
    (_environ, start) => {
      text(start, [["Content-Length", "6"]]);
      return ["\u20ac\u20ac"];
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.text, answer.header("content-length")], ["\u20ac\u20ac", "6"], "answer");
      equal(await t.errors(), "", "errors");
    },
    "CVE-2026-34831",
  ],
  ...(["array", "generator", "async generator"] as const).flatMap((kind): Row[] => [
    [
      `body: too few bytes for the Content-Length break the connection and are reported (${kind})`,
      faulty((_environ, start) => {
        text(start, [["Content-Length", "10"]]);
        return chunksOf(kind, ["ab", "cd"]);
      }),
      async (t) => {
        const connection = await t.connect();
        connection.ask();
        const answer = await connection.answer();
        t.broken(answer);
        ok((await connection.ended(2000)) !== "open", "the connection is closed");
        includes(await t.errors("Content-Length"), "Content-Length", "errors");
      },
      "RFC 9112 8",
    ],
    [
      `body: too many bytes for the Content-Length are cut and reported (${kind})`,
      faulty((environ, start) => {
        if (environ.QUERY_STRING === "next") {
          text(start);
          return ["next"];
        }
        text(start, [["Content-Length", "3"]]);
        return chunksOf(kind, ["ab", "cdEVIL"]);
      }),
      async (t) => {
        const connection = await t.connect();
        connection.ask();
        const answer = await connection.answer();
        equal([answer.text, answer.whole], ["abc", true], "answer");
        connection.ask({ target: "/?next" });
        equal((await connection.answer()).text, "next", "the next answer on the connection");
        includes(await t.errors("Content-Length"), "Content-Length", "errors");
      },
      "RFC 9112 6.3",
    ],
  ]),
  [
    "body: one chunk that is too long for its Content-Length is cut",
    faulty((_environ, start) => {
      text(start, [["Content-Length", "1"]]);
      return ["abc"];
    }),
    async (t) => {
      const answer = await t.ask();
      equal([answer.text, answer.header("content-length")], ["a", "1"], "answer");
    },
    "RFC 9112 6.3",
  ],
  [
    "body: a Content-Length of 0 cuts everything",
    faulty((_environ, start) => {
      text(start, [["Content-Length", "0"]]);
      return ["abc"];
    }),
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text, answer.header("content-length")], [200, "", "0"], "answer");
    },
    "RFC 9112 6.3",
  ],
  isNone("a bare string", () => "abc", "string"),
  isNone("a bare Uint8Array", () => encoder.encode("abc"), "Uint8Array"),
  isNone("nothing", () => undefined, "undefined"),
  isNone("null", () => null, "null"),
  isNone("a number", () => 42, "number"),
  isNone("a plain object", () => ({ a: 1 }), "Object"),
  isNone("a Response", () => new Response("x"), "Response"),
  isNone("a chunk that is a number", () => [1, 2], "number"),
  isNone("a chunk that is an object", () => [{}], "Object"),
  isNone("a chunk that is undefined", () => [undefined], "undefined"),
  isNone(
    "a chunk of a generator that is a number",
    () =>
      (function* () {
        yield 7;
      })(),
    "number",
  ),
  [
    "body: a bad chunk after a good one breaks the answer off",
    faulty(function* (_environ, start) {
      text(start);
      yield "good";
      yield 7 as unknown as string;
    }),
    async (t) => {
      t.broken(await t.ask());
      includes(await t.errors("number"), "number", "errors");
    },
  ],
  [
    "body: tsgi.file_wrapper gives a file block by block and closes it",
    (environ, start) => {
      const wrap = environ["tsgi.file_wrapper"];
      text(start);
      if (wrap === undefined) return ["ABCDEF closed"];
      const parts = ["ABC", "DEF"];
      let closed = "";
      const file = { read: () => parts.shift() ?? (closed === "" ? "" : null), close: () => void (closed = " closed") };
      const inner = wrap(file, 3) as AsyncIterable<Uint8Array | string> & { close?(): unknown };
      return (async function* () {
        yield* inner;
        await inner.close?.();
        yield closed;
      })();
    },
    async (t) => equal((await t.ask()).text, "ABCDEF closed", "body"),
    "PEP 3333 Optional Platform-Specific File Handling",
  ],
];

function chunksOf(kind: "array" | "generator" | "async generator", chunks: readonly string[]): Body {
  if (kind === "array") return [...chunks];
  if (kind === "generator")
    return (function* () {
      yield* chunks;
    })();
  return (async function* () {
    for (const chunk of chunks) {
      await sleep(5);
      yield chunk;
    }
  })();
}
