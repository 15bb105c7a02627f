import type { Row } from "../row.ts";
import { equal, includes } from "../check.ts";
import { json, text, thrownBy } from "../bodies.ts";

export const startResponse: readonly Row[] = [
  [
    "startResponse: one chunk in an array is answered with its Content-Length",
    (_environ, start) => {
      text(start);
      return ["Hello World"];
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text], [200, "Hello World"], "answer");
      equal(answer.header("content-length"), "11", "Content-Length");
    },
  ],
  [
    "startResponse: CR LF and NUL in a value throw at the call",
    (_environ, start) => {
      const seen = ["a\r\nb: c", "a\nb", "a\rb", "a\0b"].map((value) =>
        thrownBy(() => start("200 OK", [["X-A", value]])),
      );
      return json(start, seen);
    },
    async (t) => {
      for (const message of (await t.ask()).json<string[]>())
        includes(message, "TypeError: startResponse: value", "thrown");
    },
  ],
];
