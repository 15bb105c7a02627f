import type { Row } from "../row.ts";
import { equal, ok } from "../check.ts";
import { sleep, text } from "../bodies.ts";
import { note } from "../observe.ts";

// One connection after another, and one request after another on a connection.

export const connection: readonly Row[] = [
  [
    "connection: serves many requests in turn",
    (environ, start) => {
      text(start);
      return [`${environ.QUERY_STRING}`];
    },
    async (t) => {
      const connection = await t.connect();
      for (let i = 0; i < 20; i++) {
        connection.ask({ target: `/?${i}` });
        equal((await connection.answer()).text, String(i), "body");
      }
    },
    "RFC 9112 9.3",
  ],
  [
    "connection: serves another request after a stream, a 404 and a 500",
    async function* (environ, start) {
      const how = environ.QUERY_STRING;
      if (how === "500") throw new Error("on purpose");
      if (how === "404") start("404 Not Found", [["Content-Type", "text/plain"]]);
      else text(start);
      yield "a";
      await sleep(5);
      yield "b";
    },
    async (t) => {
      const connection = await t.connect();
      for (const [how, status] of [
        ["200", 200],
        ["500", 500],
        ["404", 404],
        ["200", 200],
      ] as const) {
        connection.ask({ target: `/?${how}` });
        const answer = await connection.answer();
        equal([answer.status, answer.whole], [status, true], "answer");
      }
    },
    "RFC 9112 9.3",
  ],
  [
    "connection: pipelined requests are answered in order",
    async (environ, start) => {
      const wait = Number(environ.QUERY_STRING);
      await sleep(wait);
      text(start);
      return [`waited ${wait}`];
    },
    async (t) => {
      const connection = await t.connect();
      const waits = [80, 0, 40, 0];
      connection.write(waits.map((wait) => t.message({ target: `/?${wait}` })).join(""));
      for (const wait of waits) equal((await connection.answer()).text, `waited ${wait}`, "body");
    },
    "RFC 9112 9.3.2",
  ],
  [
    "connection: closes when the client asks for it",
    (_environ, start) => {
      text(start);
      return ["last"];
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ headers: ["Connection: close"] });
      equal((await connection.answer()).text, "last", "body");
      ok((await connection.ended(3000)) !== "open", "the connection is closed");
    },
    "RFC 9112 9.6",
  ],
  [
    "connection: a stream before a close arrives whole",
    async function* (_environ, start) {
      text(start);
      yield "a";
      await sleep(20);
      yield "b";
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ headers: ["Connection: close"] });
      const answer = await connection.answer();
      equal([answer.text, answer.whole], ["ab", true], "answer");
    },
    "RFC 9112 9.6",
  ],
  [
    "connection: HTTP/1.0 gets an answer without chunks and a close",
    async function* (_environ, start) {
      text(start);
      yield "a";
      await sleep(20);
      yield "b";
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ version: "HTTP/1.0" });
      const answer = await connection.answer();
      equal([answer.status, answer.text], [200, "ab"], "answer");
      equal(answer.header("transfer-encoding"), undefined, "Transfer-Encoding");
      ok((await connection.ended(3000)) !== "open", "the connection is closed");
    },
    "RFC 9112 6.1",
  ],
  [
    "connection: a client that half-closes after its request may still get the answer",
    async (_environ, start) => {
      await sleep(50);
      text(start);
      return ["answered"];
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask();
      connection.finish();
      const answer = await connection.answer();
      ok(answer.status === 0 || answer.text === "answered", `${answer.status} came`);
      t.permits(answer, "a half-close counts as leaving on some runtimes (RFC 9112 9.6 asks clients not to)");
    },
    "RFC 9112 9.6",
  ],
  [
    "connection: a connection that sends nothing harms nobody",
    (_environ, start) => {
      text(start);
      return ["served"];
    },
    async (t) => {
      const silent = await t.connect();
      const half = await t.connect();
      half.write("GET / HTTP/1.1\r\nHost: ");
      equal((await t.ask()).text, "served", "body meanwhile");
      silent.reset();
      half.reset();
      equal((await t.ask()).text, "served", "body afterwards");
    },
  ],
  [
    "connection: 50 clients that leave at once harm nobody",
    async function* (environ, start) {
      if (environ.QUERY_STRING === "stay") {
        text(start);
        yield "served";
        return;
      }
      note(environ, "came");
      text(start);
      for (;;) {
        await sleep(20);
        yield "x";
      }
    },
    async (t) => {
      const many = await Promise.all(Array.from({ length: 50 }, () => t.connect()));
      for (const one of many) one.ask();
      await t.sleep(60);
      for (const one of many) one.reset();
      await t.sleep(40);
      equal((await t.ask({ target: `${t.path}?stay` })).text, "served", "body");
    },
  ],
  [
    "connection: methods reach the app as they are",
    (environ, start) => {
      text(start);
      return [environ.REQUEST_METHOD];
    },
    async (t) => {
      for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const headers = method === "GET" ? [] : ["Content-Length: 0"];
        equal((await t.ask({ method, headers })).text, method, "REQUEST_METHOD");
      }
    },
    "RFC 9110 9.1",
  ],
  [
    "connection: TRACE reaches the app or is refused",
    (environ, start) => {
      text(start);
      return [environ.REQUEST_METHOD];
    },
    async (t) => {
      const answer = await t.ask({ method: "TRACE" });
      if (answer.status === 200) equal(answer.text, "TRACE", "REQUEST_METHOD");
      else t.refused(answer, 400, 405, 501);
      t.permits(answer, "the Fetch standard lets no Request carry TRACE");
    },
    "RFC 9110 9.3.8",
  ],
];
