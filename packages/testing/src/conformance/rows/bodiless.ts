import type { App, Body } from "@tsgi/core";
import type { Client, Row } from "../row.ts";
import { equal, ok } from "../check.ts";
import { sleep, text, watched } from "../bodies.ts";
import { note } from "../observe.ts";

// HEAD, 204, 205 and 304: a head and not a byte more, at once, and the body is let go unread.

/** Asks twice on one connection: a stray byte after the first answer would spoil the second. */
async function twice(t: Client, method: string, status: number, check?: (t: Client) => Promise<void>): Promise<void> {
  const connection = await t.connect();
  for (let i = 0; i < 2; i++) {
    const began = Date.now();
    connection.ask({ method });
    const answer = await connection.answer();
    equal([answer.status, answer.body.length], [status, 0], `answer ${i + 1}`);
    ok(Date.now() - began < 1500, "the head comes at once");
  }
  await check?.(t);
}

const endless: App = (environ, start) => {
  text(start);
  return watched(environ, async (pull) => {
    note(environ, "pulled");
    await sleep(10);
    return `${pull}\n`;
  });
};

async function unread(t: Client): Promise<void> {
  const log = await t.until(["close"]);
  equal(log.filter((one) => one === "pulled").length, 0, "pulls");
  equal(log.filter((one) => one === "close").length, 2, "calls of close in two requests");
  ok(log.filter((one) => one === "return").length <= 2, "return is called once at most");
}

/** A row for a status without a body, by an app that gives one all the same. */
function without(code: number, headers: [string, string][], make: () => Body, name: string): Row {
  return [
    `bodiless: a ${code} has no body when ${name}`,
    (_environ, start) => {
      start(String(code), headers);
      return make();
    },
    async (t) => twice(t, "GET", code),
    code === 204 ? "RFC 9110 15.3.5" : code === 304 ? "RFC 9110 15.4.5" : "RFC 9110 15.3.6",
  ];
}

export const bodiless: readonly Row[] = [
  [
    "bodiless: HEAD has the head of GET and no body",
    (_environ, start) => {
      text(start, [["X-A", "1"]]);
      return ["Hello World"];
    },
    async (t) => {
      const get = await t.ask();
      const head = await t.ask({ method: "HEAD" });
      equal([head.status, head.body.length, head.header("x-a")], [200, 0, "1"], "answer");
      equal(head.header("content-type"), get.header("content-type"), "Content-Type");
      equal(head.header("content-length"), "11", "Content-Length");
      await twice(t, "HEAD", 200);
    },
    "RFC 9110 9.3.2",
  ],
  [
    "bodiless: HEAD keeps a Content-Length that the app declares",
    function* (_environ, start) {
      text(start, [["Content-Length", "1000"]]);
      yield "x".repeat(1000);
    },
    async (t) => {
      const answer = await t.ask({ method: "HEAD" });
      equal([answer.status, answer.header("content-length")], [200, "1000"], "answer");
    },
    "RFC 9110 8.6",
  ],
  [
    "bodiless: HEAD may leave the body out and still say its length",
    (_environ, start) => {
      text(start, [["Content-Length", "1000"]]);
      return [];
    },
    async (t) => {
      const answer = await t.ask({ method: "HEAD" });
      equal([answer.status, answer.header("content-length")], [200, "1000"], "answer");
      equal(await t.errors(), "", "errors");
    },
    "RFC 9110 9.3.2",
  ],
  [
    "bodiless: HEAD of an endless body comes at once and reads nothing of it",
    endless,
    async (t) => twice(t, "HEAD", 200, unread),
  ],
  [
    "bodiless: HEAD of a lazy generator that calls startResponse at its first pull",
    function* (_environ, start) {
      text(start);
      yield "body";
      yield "more";
    },
    async (t) => twice(t, "HEAD", 200),
  ],
  [
    "bodiless: HEAD of a lazy async generator",
    async function* (_environ, start) {
      await sleep(20);
      text(start);
      yield "body";
    },
    async (t) => twice(t, "HEAD", 200),
  ],
  [
    "bodiless: HEAD with write sends nothing",
    async (_environ, start) => {
      const write = text(start);
      await write("written");
      return ["returned"];
    },
    async (t) => twice(t, "HEAD", 200),
  ],
  [
    "bodiless: HEAD of an empty body",
    (_environ, start) => {
      start("404 Not Found", [["Content-Type", "text/plain"]]);
      return [];
    },
    async (t) => twice(t, "HEAD", 404),
  ],
  [
    "bodiless: HEAD of an app that throws is a 500 without a body",
    () => {
      throw new Error("on purpose");
    },
    async (t) => twice(t, "HEAD", 500),
  ],
  [
    "bodiless: HEAD of an async error of the iteration does not matter once the head is known",
    (_environ, start) => {
      text(start);
      return (async function* () {
        await sleep(10);
        if (Date.now() > 0) throw new Error("never met");
        yield "x";
      })();
    },
    async (t) => twice(t, "HEAD", 200),
  ],
  without(204, [], () => [], "there is none"),
  without(204, [], () => ["stray"], "the app gives a chunk"),
  without(204, [], () => ["stray", "bytes"], "the app gives two"),
  without(
    204,
    [["X-A", "1"]],
    () =>
      (async function* () {
        yield "stray";
        await sleep(10_000);
      })(),
    "the app gives a slow stream",
  ),
  without(205, [], () => ["stray"], "the app gives a chunk"),
  without(304, [["ETag", '"a"']], () => [], "there is none"),
  without(304, [["ETag", '"a"']], () => ["stray"], "the app gives a chunk"),
  without(
    304,
    [],
    () =>
      (function* () {
        for (;;) yield "stray";
      })(),
    "the app gives an endless one",
  ),
  [
    "bodiless: a 204 has no Content-Length though the app declares one",
    (_environ, start) => {
      start("204 No Content", [["Content-Length", "5"]]);
      return ["stray"];
    },
    async (t) => {
      const answer = await t.ask();
      equal(
        [answer.status, answer.header("content-length"), answer.header("transfer-encoding")],
        [204, undefined, undefined],
        "answer",
      );
    },
    "RFC 9110 8.6",
  ],
  [
    "bodiless: a 304 keeps its fields",
    (_environ, start) => {
      start("304 Not Modified", [
        ["ETag", '"a"'],
        ["Cache-Control", "max-age=5"],
      ]);
      return [];
    },
    async (t) => {
      const answer = await t.ask();
      equal(
        [answer.status, answer.header("etag"), answer.header("cache-control")],
        [304, '"a"', "max-age=5"],
        "answer",
      );
      equal(answer.header("transfer-encoding"), undefined, "Transfer-Encoding");
    },
    "RFC 9110 15.4.5",
  ],
  ...[204, 205, 304].map((code): Row => [
    `bodiless: a ${code} leaves an endless body unread and closes it once`,
    (environ, start) => {
      start(String(code), []);
      return watched(environ, () => {
        note(environ, "pulled");
        return "x";
      });
    },
    async (t) => twice(t, "GET", code, unread),
  ]),
  [
    "bodiless: HEAD of a 204 and of a 304",
    (environ, start) => {
      start(String(environ.QUERY_STRING), []);
      return ["stray"];
    },
    async (t) => {
      for (const status of [204, 304]) {
        const answer = await t.ask({ method: "HEAD", target: `/?${status}` });
        equal([answer.status, answer.body.length], [status, 0], "answer");
      }
    },
  ],
];
