import type { Row } from "../row.ts";
import { equal, includes, ok } from "../check.ts";
import { sleep, text, thrownBy } from "../bodies.ts";
import { faulty, note } from "../observe.ts";

// Streams, server-sent events and write(): what is given leaves when it is given, and waits for a slow client.

export const streaming: readonly Row[] = [
  [
    "streaming: each chunk leaves when it is given",
    async function* (_environ, start) {
      text(start);
      for (const word of ["one", "two", "three"]) {
        yield word;
        await sleep(150);
      }
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask();
      equal((await connection.head())?.status, 200, "status");
      let before = 0;
      for (const word of ["one", "two", "three"]) {
        equal(await connection.piece(), word, "piece");
        const now = Date.now();
        if (before > 0) ok(now - before > 60, `${word} came ${now - before} ms after the piece before`);
        before = now;
      }
      equal(await connection.piece(), null, "end");
    },
  ],
  [
    "streaming: server-sent events arrive one by one",
    (_environ, start) => {
      start("200 OK", [
        ["Content-Type", "text/event-stream"],
        ["Cache-Control", "no-cache"],
      ]);
      return (async function* () {
        for (let i = 1; i <= 3; i++) {
          yield `id: ${i}\ndata: tick\n\n`;
          await sleep(60);
        }
      })();
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ headers: ["Accept: text/event-stream"] });
      const head = await connection.head();
      equal(head?.header("content-type"), "text/event-stream", "Content-Type");
      for (let i = 1; i <= 3; i++) equal(await connection.piece(), `id: ${i}\ndata: tick\n\n`, "event");
      equal(await connection.piece(), null, "end");
    },
    "HTML standard 9.2",
  ],
  [
    "streaming: write comes before the returned body",
    (_environ, start) => {
      const write = text(start);
      void write("a");
      void write("b");
      return ["c", "d"];
    },
    async (t) => equal((await t.ask()).text, "abcd", "body"),
    "PEP 3333 The write() Callable",
  ],
  [
    "streaming: write and nothing returned",
    (_environ, start) => {
      const write = text(start);
      void write("only ");
      void write(new TextEncoder().encode("written"));
      return [];
    },
    async (t) => equal((await t.ask()).text, "only written", "body"),
    "PEP 3333 The write() Callable",
  ],
  [
    "streaming: an awaited write before a body that is returned late",
    async (_environ, start) => {
      const write = text(start);
      await write("first ");
      await sleep(60);
      await write("second ");
      return ["third"];
    },
    async (t) => equal((await t.ask()).text, "first second third", "body"),
    "PEP 3333 The write() Callable",
  ],
  [
    "streaming: what is written leaves at once",
    async (_environ, start) => {
      const write = text(start);
      await write("now");
      await sleep(600);
      return ["later"];
    },
    async (t) => {
      const connection = await t.connect();
      const began = Date.now();
      connection.ask();
      await connection.head();
      equal(await connection.piece(), "now", "piece");
      ok(Date.now() - began < 450, "the piece came at once");
      equal(await connection.piece(), "later", "piece");
    },
    "PEP 3333 The write() Callable",
  ],
  [
    "streaming: write keeps to a declared Content-Length",
    faulty((_environ, start) => {
      const write = text(start, [["Content-Length", "3"]]);
      void write("ab");
      void write("cdef");
      return ["ghi"];
    }),
    async (t) => {
      const answer = await t.ask();
      equal([answer.text, answer.whole], ["abc", true], "answer");
    },
    "RFC 9112 6.3",
  ],
  [
    "streaming: too little written for the Content-Length breaks the answer off",
    faulty(async (_environ, start) => {
      const write = text(start, [["Content-Length", "10"]]);
      await write("ab");
      return [];
    }),
    async (t) => t.broken(await t.ask()),
    "RFC 9112 8",
  ],
  [
    "streaming: write of what is no chunk throws a TypeError",
    faulty((environ, start) => {
      const write = text(start);
      for (const value of [1, null, undefined, {}, []])
        note(environ, thrownBy(() => void write(value as unknown as string)).slice(0, 10));
      return ["fine"];
    }),
    async (t) => {
      equal((await t.ask()).text, "fine", "body");
      equal(
        await t.log(),
        Array.from({ length: 5 }, () => "TypeError:"),
        "log",
      );
    },
  ],
  [
    "streaming: an empty write sends nothing and the head can still be replaced",
    (_environ, start) => {
      const write = text(start);
      void write("");
      start("503 Service Unavailable", [["Content-Type", "text/plain"]], new Error("replaced"));
      return ["busy"];
    },
    async (t) => equal([(await t.ask()).status], [503], "status"),
  ],
  [
    "streaming: after a write the head can no longer be replaced",
    async (environ, start) => {
      const write = text(start);
      await write("begun");
      const mine = new Error("too late");
      try {
        start("500 Internal Server Error", [], mine);
      } catch (error) {
        note(environ, error === mine ? "same error" : String(error));
      }
      return [" and ended"];
    },
    async (t) => {
      equal((await t.ask()).text, "begun and ended", "body");
      equal(await t.until(["same error"]), ["same error"], "log");
    },
    "PEP 3333 Error Handling",
  ],
  [
    "streaming: an error of the app after a write breaks the answer off behind what was written",
    async (_environ, start) => {
      const write = text(start);
      await write("begun");
      await sleep(20);
      throw new Error("after the write");
    },
    async (t) => {
      t.broken(await t.ask());
      includes(await t.errors("after the write"), "after the write", "errors");
    },
  ],
  [
    "streaming: write after the end throws",
    (environ, start) => {
      const write = text(start);
      const work = sleep(60).then(() =>
        note(environ, thrownBy(() => void write("late")) === "nothing" ? "silent" : "threw"),
      );
      environ["tsgi.wait_until"]?.(work);
      return ["whole"];
    },
    async (t) => {
      equal((await t.ask()).text, "whole", "body");
      equal(await t.until(["threw"]), ["threw"], "log");
    },
  ],
  [
    "streaming: write for a client that reads nothing asks to wait and then throws",
    async (environ, start) => {
      const write = text(start);
      const chunk = new Uint8Array(256 * 1024);
      let asked = false;
      try {
        for (let i = 0; i < 400; i++) {
          const room = write(chunk);
          if (room instanceof Promise) asked = true;
        }
        note(environ, "never stopped");
      } catch (error) {
        note(environ, `${asked ? "asked to wait" : "not asked"} and ${(error as Error).name}`);
      }
      return [];
    },
    async (t) => {
      const connection = await t.connect();
      connection.pause();
      connection.ask();
      equal(await t.until(["asked to wait and Error"]), ["asked to wait and Error"], "log");
    },
  ],
  [
    "streaming: an awaited write waits for a client that reads slowly",
    async (environ, start) => {
      const write = text(start);
      const chunk = new Uint8Array(256 * 1024).fill(97);
      for (let i = 0; i < 100; i++) {
        await write(chunk);
        if (i === 3) note(environ, "began");
      }
      note(environ, "all written");
      return [];
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask();
      const answer = await connection.answer();
      equal([answer.body.length, answer.whole], [25 * 1024 * 1024, true], "length");
      equal(await t.until(["all written"]), ["began", "all written"], "log");
      t.permits(answer, "25 MiB are compared by their length");
    },
  ],
  [
    "streaming: one slow answer does not hold up another",
    async function* (environ, start) {
      text(start);
      if (environ.QUERY_STRING === "slow") {
        yield "slow ";
        await sleep(500);
      }
      yield "end";
    },
    async (t) => {
      const slow = await t.connect();
      slow.ask({ target: `${t.path}?slow` });
      equal((await slow.head())?.status, 200, "status");
      const began = Date.now();
      equal((await t.ask()).text, "end", "body of the other");
      ok(Date.now() - began < 400, "the other was not held up");
    },
  ],
  [
    "streaming: 20 streams at once arrive whole",
    async function* (_environ, start) {
      text(start);
      for (let i = 0; i < 10; i++) {
        yield `${i}`;
        await sleep(5);
      }
    },
    async (t) => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => t.ask()));
      for (const answer of answers) equal(answer.text, "0123456789", "body");
    },
  ],
  [
    "streaming: a long stream arrives whole and in order",
    function* (_environ, start) {
      text(start);
      for (let i = 0; i < 128; i++) yield new Uint8Array(64 * 1024).fill(i);
    },
    async (t) => {
      const answer = await t.ask();
      equal(answer.body.length, 8 * 1024 * 1024, "length");
      for (let i = 0; i < 128; i++) equal(answer.body[i * 65536 + 100], i, `block ${i}`);
      t.permits(answer, "8 MiB are compared block by block");
    },
  ],
];
