import type { Row } from "../row.ts";
import { equal, excludes, includes, ok } from "../check.ts";
import { later, sleep, text, thrownBy } from "../bodies.ts";
import { faulty, note } from "../observe.ts";

// What an app says of its head, and what the gateway makes of it. Faults are shown twice: caught, so that the message
// can be read, and uncaught, so that the client's view can.

export const startResponse: readonly Row[] = [
  [
    "startResponse: status and headers arrive as they were given",
    (_environ, start) => {
      start("201 Created", [
        ["Content-Type", "text/plain"],
        ["Location", "/made?by=1&for=2"],
        ["X-Empty", ""],
      ]);
      return ["made"];
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text], [201, "made"], "answer");
      equal(answer.header("location"), "/made?by=1&for=2", "Location");
      equal(answer.header("content-type"), "text/plain", "Content-Type");
      equal(answer.header("x-empty"), "", "X-Empty");
    },
    "PEP 3333 The start_response() Callable",
  ],
  [
    "startResponse: a bare status code is completed",
    (_environ, start) => {
      start("404", [["Content-Type", "text/plain"]]);
      return ["none"];
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text], [404, "none"], "answer");
      ok(answer.reason === "Not Found" || answer.reason === "", `the reason is ${answer.reason}`);
    },
  ],
  [
    "startResponse: a reason phrase of the app's own does no harm",
    (_environ, start) => {
      start("299 As You Like It", [["Content-Type", "text/plain"]]);
      return ["x"];
    },
    async (t) => equal((await t.ask()).status, 299, "status"),
    "RFC 9112 4",
  ],
  [
    "startResponse: every final status from 200 to 599 that may have a body gets through",
    (environ, start) => {
      start(String(environ.QUERY_STRING), [["Content-Type", "text/plain"]]);
      return ["body"];
    },
    async (t) => {
      for (const status of [200, 202, 203, 206, 226, 299, 300, 301, 307, 399, 400, 401, 418, 451, 499, 500, 503, 599]) {
        const answer = await t.ask({ target: `/?${status}` });
        equal([answer.status, answer.text], [status, "body"], "answer");
      }
    },
    "RFC 9110 15",
  ],
  [
    "startResponse: two Set-Cookie fields stay two, in their order",
    (_environ, start) => {
      text(start, [
        ["Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
        ["Set-Cookie", "b=2, 3"],
        ["set-cookie", "c=4"],
      ]);
      return ["x"];
    },
    async (t) => {
      const cookies = (await t.ask()).all("set-cookie");
      equal(cookies, ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2, 3", "c=4"], "Set-Cookie");
    },
    "RFC 6265 3",
  ],
  [
    "startResponse: a repeated field keeps all its values",
    (_environ, start) => {
      text(start, [
        ["Vary", "Accept"],
        ["Vary", "Cookie"],
        ["X-A", "1"],
        ["x-a", "2"],
      ]);
      return ["x"];
    },
    async (t) => {
      const answer = await t.ask();
      equal(answer.all("vary").join(", "), "Accept, Cookie", "Vary");
      equal(answer.all("x-a").join(", "), "1, 2", "X-A");
    },
    "RFC 9110 5.3",
  ],
  [
    "startResponse: latin-1 in a value arrives as the same bytes",
    (_environ, start) => {
      text(start, [["X-Name", "caf\u00e9 \u00ff"]]);
      return ["\u00e9"];
    },
    async (t) => {
      const answer = await t.ask();
      equal(answer.header("x-name"), "caf\u00e9 \u00ff", "X-Name");
      equal(answer.text, "\u00e9", "body");
    },
    "RFC 9110 5.5",
  ],
  [
    "startResponse: large heads arrive whole",
    (_environ, start) => {
      text(
        start,
        Array.from({ length: 60 }, (_, i) => [`X-Field-${i}`, String(i).repeat(50)] as const),
      );
      return ["x"];
    },
    async (t) => {
      const answer = await t.ask();
      for (let i = 0; i < 60; i++) equal(answer.header(`x-field-${i}`), String(i).repeat(50), `X-Field-${i}`);
    },
  ],
  [
    "startResponse: called twice without an error is a 500",
    faulty((_environ, start) => {
      text(start);
      text(start);
      return ["never"];
    }),
    async (t) => {
      equal((await t.ask()).status, 500, "status");
      includes(await t.errors("twice"), "twice", "errors");
    },
    "PEP 3333 The start_response() Callable",
  ],
  [
    "startResponse: with an error it replaces a head that has not left",
    (_environ, start) => {
      text(start, [["X-First", "1"]]);
      start(
        "503 Service Unavailable",
        [
          ["Content-Type", "text/plain"],
          ["X-Second", "2"],
        ],
        new Error("changed my mind"),
      );
      return ["sorry"];
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text], [503, "sorry"], "answer");
      equal([answer.header("x-first"), answer.header("x-second")], [undefined, "2"], "headers");
    },
    "PEP 3333 Error Handling",
  ],
  [
    "startResponse: with an error it replaces the head of a generator too",
    async function* (_environ, start) {
      text(start);
      try {
        await Promise.reject(new Error("inner"));
      } catch (error) {
        start("502 Bad Gateway", [["Content-Type", "text/plain"]], error);
      }
      yield "gate";
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text], [502, "gate"], "answer");
    },
    "PEP 3333 Error Handling",
  ],
  [
    "startResponse: with an error after the head has left it throws that error and the answer breaks off",
    async function* (environ, start) {
      text(start);
      yield "part";
      await sleep(50);
      const mine = new Error("too late");
      try {
        start("500 Internal Server Error", [], mine);
      } catch (error) {
        note(environ, error === mine ? "same error" : "another error");
        throw error;
      }
      yield "never";
    },
    async (t) => {
      t.broken(await t.ask());
      equal(await t.until(["same error"]), ["same error"], "log");
      includes(await t.errors("too late"), "too late", "errors");
    },
    "PEP 3333 Error Handling",
  ],
  [
    "startResponse: never called is a 500",
    faulty(() => ["never"]),
    async (t) => {
      const answer = await t.ask();
      equal(answer.status, 500, "status");
      excludes(answer.text, "never", "body");
      includes(await t.errors("startResponse"), "startResponse", "errors");
    },
  ],
  [
    "startResponse: never called by a generator is a 500",
    faulty(function* () {
      yield "never";
    }),
    async (t) => equal((await t.ask()).status, 500, "status"),
  ],
  [
    "startResponse: never called by an async generator that ends is a 500",
    faulty(async function* () {
      await sleep(20);
    }),
    async (t) => equal((await t.ask()).status, 500, "status"),
  ],
  [
    "startResponse: a generator may call it at its first pull",
    function* (environ, start) {
      text(start);
      yield "Hello ";
      yield String(environ.REQUEST_METHOD);
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text], [200, "Hello GET"], "answer");
    },
  ],
  [
    "startResponse: an async app may call it as late as it likes",
    async (_environ, start) => {
      await sleep(80);
      start("202 Accepted", [["Content-Type", "text/plain"]]);
      return ["late"];
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text], [202, "late"], "answer");
    },
  ],
  [
    "startResponse: a list that is changed after the call changes nothing",
    (_environ, start) => {
      const pair: [string, string] = ["X-A", "before"];
      const headers: [string, string][] = [["Content-Type", "text/plain"], pair];
      start("200 OK", headers);
      pair[1] = "after\r\nX-Evil: 1";
      headers.push(["X-B", "later"]);
      return ["x"];
    },
    async (t) => {
      const answer = await t.ask();
      equal(
        [answer.header("x-a"), answer.header("x-b"), answer.header("x-evil")],
        ["before", undefined, undefined],
        "headers",
      );
    },
  ],
  [
    "startResponse: after the gateway has given up it throws the recorded reason",
    (environ, start) => {
      later(environ, 50, () =>
        note(
          environ,
          thrownBy(() => start("200 OK", [])),
        ),
      );
      throw new RangeError("the first error");
    },
    async (t) => {
      equal((await t.ask()).status, 500, "status");
      equal(await t.until(["RangeError: the first error"]), ["RangeError: the first error"], "log");
    },
  ],
  [
    "startResponse: no header of the app's is lost or added by a 200 with a body",
    faulty((_environ, start) => {
      start("200 OK", []);
      return ["plain"];
    }),
    async (t) => {
      const names = (await t.ask()).headers.map(([name]) => name.toLowerCase()).sort();
      equal(
        names.filter((name) => !["date", "connection", "keep-alive"].includes(name)),
        ["content-length"],
        "names",
      );
    },
    "PEP 3333",
  ],
];
