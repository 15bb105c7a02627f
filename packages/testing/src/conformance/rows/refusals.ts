import type { App } from "@tsgi/core";
import type { Row } from "../row.ts";
import { equal, excludes, includes } from "../check.ts";
import { json, text, thrownBy } from "../bodies.ts";
import { faulty } from "../observe.ts";

// What startResponse refuses. Faults are shown twice: caught, so that the message can be read, and uncaught, so that the
// client's view can.

/**
 * An app that may call startResponse again after a call that was refused: a refused call counts, and the next one gives
 * the error (PEP 3333).
 */
function refusing(app: App): App {
  return faulty((environ, start) => {
    let refused: unknown;
    return app(environ, (status, headers, error) => {
      try {
        return start(status, headers, error ?? refused);
      } catch (thrown) {
        refused ??= thrown;
        throw thrown;
      }
    });
  });
}

const HOP_BY_HOP = ["Connection", "Keep-Alive", "Proxy-Authenticate", "TE", "Trailer", "Transfer-Encoding", "Upgrade"];

export const refusals: readonly Row[] = [
  [
    "startResponse: CR LF NUL and other controls in a value throw at the call",
    refusing((_environ, start) =>
      json(
        start,
        ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "a\x7fb", "a\x1bb", "sn\u0151w", "\u{1f600}"].map((value) =>
          thrownBy(() => start("200 OK", [["X-A", value]])),
        ),
      ),
    ),
    async (t) => {
      const answer = await t.ask();
      const seen = answer.json<string[]>();
      equal(seen.length, 8, "values");
      for (const message of seen) {
        includes(message, "TypeError: ", "thrown");
        includes(message, "X-A", "thrown");
        excludes(message, "\r\n", "thrown");
      }
      equal(answer.header("x-evil"), undefined, "X-Evil");
    },
    "RFC 9110 5.5, CVE-2020-7695",
  ],
  [
    "startResponse: CR LF in a value is a 500 and no header of the attacker's when nobody catches it",
    faulty((environ, start) => {
      text(start, [["X-A", `a\r\nX-Evil: ${environ.REQUEST_METHOD}`]]);
      return ["never"];
    }),
    async (t) => {
      const answer = await t.ask();
      equal(answer.status, 500, "status");
      equal(answer.header("x-evil"), undefined, "X-Evil");
      excludes(answer.text, "Evil", "body");
      includes(await t.errors("X-A"), "X-A", "errors");
    },
    "RFC 9110 5.5",
  ],
  [
    "startResponse: a header name that is no token throws at the call",
    refusing((_environ, start) =>
      json(
        start,
        ["", "a b", "a:", "a\r\nb", "a\0", "(x)", "caf\u00e9", "\u212a", " a", "a "].map((name) =>
          thrownBy(() => start("200 OK", [[name, "1"]])),
        ),
      ),
    ),
    async (t) => {
      for (const message of (await t.ask()).json<string[]>()) includes(message, "TypeError: ", "thrown");
    },
    "RFC 9110 5.1",
  ],
  [
    "startResponse: a header value that is no string throws at the call",
    refusing((_environ, start) =>
      json(
        start,
        [1, true, null, undefined, ["a"], { toString: () => "a\r\nb" }, new Date(0)].map((value) =>
          thrownBy(() => start("200 OK", [["X-A", value as unknown as string]])),
        ),
      ),
    ),
    async (t) => {
      for (const message of (await t.ask()).json<string[]>()) includes(message, "TypeError: ", "thrown");
    },
  ],
  [
    "startResponse: headers that are no list of pairs throw at the call",
    refusing((_environ, start) =>
      json(
        start,
        [undefined, null, {}, new Map([["a", "b"]]), "a: b", [["a"]], [["a", "b", "c"]], ["ab"], [null]].map((list) =>
          thrownBy(() => start("200 OK", list as unknown as [string, string][])),
        ),
      ),
    ),
    async (t) => {
      for (const message of (await t.ask()).json<string[]>()) includes(message, "TypeError: ", "thrown");
    },
  ],
  ...HOP_BY_HOP.map((name): Row => [
    `startResponse: the hop-by-hop header ${name} throws at the call`,
    refusing((_environ, start) =>
      json(
        start,
        [name, name.toLowerCase(), name.toUpperCase()].map((form) => thrownBy(() => start("200 OK", [[form, "x"]]))),
      ),
    ),
    async (t) => {
      for (const message of (await t.ask()).json<string[]>()) {
        includes(message, "TypeError: ", "thrown");
        includes(message.toLowerCase(), name.toLowerCase(), "thrown");
      }
    },
    "RFC 9110 7.6.1, PEP 3333",
  ]),
  [
    "startResponse: a bad or doubled Content-Length throws at the call",
    refusing((_environ, start) =>
      json(start, [
        ...["abc", "", "-1", "+5", "0x5", "5, 5", "1e3", "5 ", "99999999999999999999"].map((value) =>
          thrownBy(() => start("200 OK", [["Content-Length", value]])),
        ),
        thrownBy(() =>
          start("200 OK", [
            ["Content-Length", "2"],
            ["content-length", "2"],
          ]),
        ),
      ]),
    ),
    async (t) => {
      for (const message of (await t.ask()).json<string[]>()) {
        includes(message, "TypeError: ", "thrown");
        includes(message, "Content-Length", "thrown");
      }
    },
    "RFC 9110 8.6",
  ],
  [
    "startResponse: a status outside 200 to 599 throws at the call",
    refusing((_environ, start) =>
      json(
        start,
        ["100 Continue", "101 Switching Protocols", "103 Early Hints", "199 X", "600 X", "999 X", "099 X", "0 X"].map(
          (line) => thrownBy(() => start(line, [])),
        ),
      ),
    ),
    async (t) => {
      for (const message of (await t.ask()).json<string[]>()) includes(message, "TypeError: ", "thrown");
    },
    "RFC 9110 15",
  ],
  [
    "startResponse: a status that is no status line throws at the call",
    refusing((_environ, start) =>
      json(
        start,
        [200, undefined, null, "", "OK", "20 OK", "2000 OK", "200OK", " 200 OK", "200\tOK", "2e2 OK", "200.0 OK"].map(
          (line) => thrownBy(() => start(line as string, [])),
        ),
      ),
    ),
    async (t) => {
      for (const message of (await t.ask()).json<string[]>()) includes(message, "TypeError: ", "thrown");
    },
    "RFC 9112 4",
  ],
  [
    "startResponse: CR LF and NUL in the reason throw at the call",
    refusing((_environ, start) =>
      json(
        start,
        ["200 OK\r\nX-Evil: 1", "200 O\nK", "200 O\rK", "200 O\0K", "200 sn\u0151w"].map((line) =>
          thrownBy(() => start(line, [])),
        ),
      ),
    ),
    async (t) => {
      const answer = await t.ask();
      for (const message of answer.json<string[]>()) includes(message, "TypeError: ", "thrown");
      equal(answer.header("x-evil"), undefined, "X-Evil");
    },
    "RFC 9112 4",
  ],
  [
    "startResponse: a bad status that nobody catches is a 500",
    faulty((_environ, start) => {
      start("999 What", []);
      return ["never"];
    }),
    async (t) => equal((await t.ask()).status, 500, "status"),
  ],
  [
    "startResponse: a call that was refused is followed by one that gives the error",
    (_environ, start) => {
      try {
        text(start, [["X-A", "a\nb"]]);
      } catch (error) {
        start(
          "200 OK",
          [
            ["Content-Type", "text/plain"],
            ["X-A", "mended"],
          ],
          error,
        );
      }
      return ["x"];
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.header("x-a")], [200, "mended"], "answer");
    },
  ],
  [
    "startResponse: a call that was refused counts: without an error the next one is a 500",
    faulty((_environ, start) => {
      try {
        text(start, [["X-A", "a\nb"]]);
      } catch {
        text(start, [["X-A", "mended"]]);
      }
      return ["never"];
    }),
    async (t) => {
      equal((await t.ask()).status, 500, "status");
      includes(await t.errors("twice"), "twice", "errors");
    },
    "PEP 3333 The start_response() Callable",
  ],
];
