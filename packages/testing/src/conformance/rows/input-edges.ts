import type { App } from "@tsgi/core";
import type { Answer, Ask, Client, Connection, Row } from "../row.ts";
import { equal, includes, ok } from "../check.ts";
import { CHUNKED, chunked, json, sleep, text } from "../bodies.ts";
import { faulty, note } from "../observe.ts";

// The edges of tsgi.input: limits, what is malformed or cut short, what nobody reads, and clients that wait to be asked.

const echoText: App = async (environ, start) => {
  const body = await environ["tsgi.input"].text();
  text(start);
  return [body];
};

/** Tells the error of reading instead of leaving it to the gateway. */
const tellError: App = async (environ, start) => {
  try {
    const body = await environ["tsgi.input"].bytes();
    return json(start, { size: body.length });
  } catch (error) {
    const { name, status, message } = error as Error & { status?: number };
    note(environ, `${name} ${status}`);
    return json(start, { name, status, message });
  }
};

const sizes: App = async (environ, start) => {
  let size = 0;
  for await (const chunk of environ["tsgi.input"]) size += chunk.length;
  return json(start, { size });
};

/** Asks again on the same connection, or on another one when the last answer has said that its own closes. */
async function again(t: Client, connection: Connection, last: Answer, ask: Ask = {}): Promise<Answer> {
  if (last.header("connection")?.toLowerCase() !== "close") {
    connection.ask(ask);
    return connection.answer();
  }
  ok((await connection.ended(2000)) !== "open", "a connection that is said to close is closed");
  return t.ask(ask);
}

export const inputEdges: readonly Row[] = [
  [
    "input: a body of exactly the limit is taken",
    sizes,
    async (t) => {
      const answer = await t.ask({ method: "POST", body: new Uint8Array(1024 * 1024) });
      equal(answer.json(), { size: 1048576 }, "answer");
    },
    "RFC 9110 15.5.14",
  ],
  [
    "input: a declared body over the limit is a 413 and not the app's error",
    sizes,
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: ["Content-Length: 1048577"] });
      connection.write("x".repeat(1000));
      t.refused(await connection.answer(), 413);
      equal(await t.errors(), "", "errors");
    },
    "RFC 9110 15.5.14",
  ],
  [
    "input: a declared body over the limit is a 413 for every reader",
    async (environ, start) => {
      const source = environ["tsgi.input"];
      const how = String(environ.QUERY_STRING);
      if (how === "stream") await new Response(source.stream()).arrayBuffer();
      else if (how === "read") await source.read(5);
      else await source[how as "text"]();
      return json(start, { read: how });
    },
    async (t) => {
      for (const how of ["text", "bytes", "json", "formData", "read"]) {
        const connection = await t.connect();
        connection.ask({ method: "POST", target: `/?${how}`, headers: ["Content-Length: 2000000"] });
        connection.write("x".repeat(100));
        t.refused(await connection.answer(), 413);
        connection.close();
      }
    },
    "RFC 9110 15.5.14",
  ],
  [
    "input: a chunked body over the limit is a 413 by counted bytes",
    sizes,
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: CHUNKED });
      const piece = chunked("x".repeat(64 * 1024)).replace(/0\r\n\r\n$/, "");
      for (let i = 0; i < 20; i++) connection.write(piece);
      t.refused(await connection.answer(), 413);
    },
    "CVE-2026-44456",
  ],
  [
    "input: an error of the limit that the app catches has name and status",
    tellError,
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: ["Content-Length: 1048577"] });
      connection.write("x".repeat(1000));
      const answer = await connection.answer();
      const seen = answer.json<{ name: string; status: number; message: string }>();
      equal([answer.status, seen.name, seen.status], [200, "InputError", 413], "answer");
      includes(seen.message, "1048576", "message");
    },
  ],
  [
    "input: what is not JSON is a 400 and not a 500",
    async (environ, start) => json(start, await environ["tsgi.input"].json()),
    async (t) => {
      for (const body of ["{", "", "undefined", '{"a":1}}']) {
        const answer = await t.ask({ method: "POST", body });
        equal(answer.status, 400, `status of ${body}`);
      }
      equal(await t.errors(), "", "errors");
    },
    "RFC 9110 15.5.1",
  ],
  [
    "input: what is no form is a 400 and not a 500",
    async (environ, start) => json(start, [...(await environ["tsgi.input"].formData()).keys()]),
    async (t) => {
      const multipart = ["Content-Type: multipart/form-data; boundary=b1"];
      for (const [headers, body] of [
        [multipart, "no boundary in here"],
        [["Content-Type: text/plain"], "a=1"],
        [["Content-Type: multipart/form-data"], "--b1--"],
      ] as const)
        equal((await t.ask({ method: "POST", headers, body })).status, 400, `status of ${headers[0]}`);
    },
    "RFC 9110 15.5.1",
  ],
  [
    "input: a second reader gets a TypeError that says so",
    async (environ, start) => {
      await environ["tsgi.input"].text();
      const second = await environ["tsgi.input"].json().then(
        () => "read again",
        (error: Error) => `${error.name}: ${error.message}`,
      );
      return json(start, second);
    },
    async (t) => {
      const seen = (await t.ask({ method: "POST", body: "{}" })).json<string>();
      includes(seen, "TypeError", "error");
      includes(seen, "once", "error");
    },
  ],
  [
    "input: read(n) refuses a size that is none",
    faulty(async (environ, start) => {
      const seen: string[] = [];
      for (const size of [-1, 1.5, Number.NaN, "4" as unknown as number, undefined as unknown as number])
        seen.push(
          await environ["tsgi.input"].read(size).then(
            () => "read",
            (error: Error) => error.name,
          ),
        );
      return json(start, seen);
    }),
    async (t) =>
      equal(
        (await t.ask({ method: "POST", body: "abc" })).json(),
        Array.from({ length: 5 }, () => "TypeError"),
        "errors",
      ),
  ],
  [
    "input: a body that ends early rejects and never passes for whole",
    tellError,
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: ["Content-Length: 100"], rawBody: "only this" });
      await t.sleep(50);
      connection.finish();
      await t.until(["InputError 400"]);
      equal(await t.log(), ["InputError 400"], "log");
    },
    "RFC 9112 8",
  ],
  [
    "input: a chunked body that ends early rejects and never passes for whole",
    tellError,
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: CHUNKED, rawBody: "5\r\nhello\r\n" });
      await t.sleep(50);
      connection.finish();
      equal(await t.until(["InputError 400"]), ["InputError 400"], "log");
    },
    "RFC 9112 8",
  ],
  [
    "input: the client leaves while the body is read: it rejects and the signal aborts",
    async (environ, start) => {
      environ["tsgi.signal"].addEventListener("abort", () => note(environ, "abort"));
      try {
        note(environ, "reading");
        for await (const chunk of environ["tsgi.input"]) void chunk;
        note(environ, "whole");
      } catch (error) {
        note(environ, (error as Error).name);
        throw error;
      }
      return json(start, 1);
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: ["Content-Length: 100"], rawBody: "only this" });
      await t.until(["reading"]);
      connection.reset();
      equal((await t.until(["abort", "InputError"])).sort(), ["InputError", "abort", "reading"], "log");
      equal(await t.errors(), "", "errors");
    },
  ],
  [
    "input: a body that is cut short and that nobody catches is a 400 or a closed connection",
    sizes,
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: ["Content-Length: 100"], rawBody: "only this" });
      await t.sleep(30);
      connection.finish();
      t.refused(await connection.answer(), 400);
      equal(await t.errors(), "", "errors");
    },
  ],
  [
    "input: a malformed chunk that nobody catches is a 400 or a closed connection",
    sizes,
    async (t) => {
      for (const rest of ["zz\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n", "5\r\nhelloXX0\r\n\r\n"]) {
        const connection = await t.connect();
        connection.ask({ method: "POST", headers: CHUNKED, rawBody: `3\r\nabc\r\n` });
        await t.sleep(30);
        connection.write(rest);
        t.refused(await connection.answer(), 400);
      }
      equal(await t.errors(), "", "errors");
    },
    "RFC 9112 7.1",
  ],
  [
    "input: trailers reach neither the environ nor the body",
    async (environ, start) => {
      const body = await environ["tsgi.input"].text();
      await sleep(10);
      const keys = Object.keys(environ).filter((key) => /TRAIL_|AUTHORIZATION|X_LATE/.test(key));
      return json(start, { body, keys, length: environ.CONTENT_LENGTH ?? null, host: environ.HTTP_HOST });
    },
    async (t) => {
      const rawBody = `5\r\nhello\r\n0\r\nX-Late: 1\r\nAuthorization: Basic eA==\r\nContent-Length: 3\r\nHost: evil.test\r\n\r\n`;
      const answer = await t.ask({ method: "POST", headers: CHUNKED, rawBody });
      if (answer.status === 200)
        equal(answer.json(), { body: "hello", keys: [], length: null, host: t.host }, "answer");
      else t.refused(answer, 400);
      t.permits(answer, "trailers may be dropped or refused (RFC 9110 6.5.1)");
    },
    "RFC 9110 6.5.1",
  ],
  [
    "input: an unread body of some bytes leaves the connection usable or announced as closing",
    (environ, start) => {
      text(start);
      return [`${environ.REQUEST_METHOD} answered`];
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", body: "x".repeat(1000) });
      const answer = await connection.answer();
      equal(answer.text, "POST answered", "answer to the POST");
      equal((await again(t, connection, answer)).text, "GET answered", "answer to the GET");
    },
    "RFC 9112 9.3",
  ],
  [
    "input: an unread chunked body leaves the connection usable or announced as closing",
    (environ, start) => {
      text(start);
      return [`${environ.REQUEST_METHOD} answered`];
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: CHUNKED, rawBody: chunked("x".repeat(5000), "y") });
      const answer = await connection.answer();
      equal(answer.text, "POST answered", "answer to the POST");
      equal((await again(t, connection, answer)).text, "GET answered", "answer to the GET");
    },
    "RFC 9112 9.3",
  ],
  [
    "input: an unread body of 200 KiB leaves the connection usable or announced as closing",
    (environ, start) => {
      text(start);
      return [`${environ.REQUEST_METHOD} answered`];
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", body: new Uint8Array(200 * 1024) });
      const answer = await connection.answer();
      equal(answer.text, "POST answered", "answer to the POST");
      equal((await again(t, connection, answer)).text, "GET answered", "answer to the GET");
    },
    "RFC 9112 9.3",
  ],
  [
    "input: an unread body is never taken for a request",
    (environ, start) => {
      note(environ, environ.PATH_INFO);
      text(start);
      return ["answered"];
    },
    async (t) => {
      const smuggled = t.message({ target: "/smuggled" });
      const connection = await t.connect();
      connection.ask({ method: "POST", target: "/outer", body: smuggled });
      equal((await connection.answer()).text, "answered", "answer");
      await t.sleep(50);
      equal(await t.log(), ["/outer"], "log");
    },
    "RFC 9112 9.3",
  ],
  [
    "input: an unread body beyond the bound gets an answer or a closed connection",
    (_environ, start) => {
      text(start);
      return ["answered"];
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: ["Content-Length: 100000000"] });
      for (let i = 0; i < 8; i++) connection.write(new Uint8Array(128 * 1024));
      const answer = await connection.answer();
      ok(answer.status === 0 || answer.text === "answered", `the answer is ${answer.status} ${answer.text}`);
      t.permits(answer, "a client that sends on what nobody reads may meet a reset before the answer (RFC 9112 9.6)");
      equal((await t.ask()).text, "answered", "another connection");
    },
    "RFC 9112 9.6",
  ],
  [
    "input: an error of the app with an unread body is still a 500",
    (environ, start) => {
      if (environ.REQUEST_METHOD === "POST") throw new Error("on purpose");
      text(start);
      return ["fine"];
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", body: "x".repeat(2000) });
      const answer = await connection.answer();
      equal(answer.status, 500, "status");
      equal((await again(t, connection, answer)).text, "fine", "answer");
    },
  ],
  [
    "input: a client that waits to be asked (100-continue) is asked once",
    echoText,
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: ["Expect: 100-continue", "Content-Length: 5"] });
      equal(await connection.interim(3000), 100, "interim answer");
      connection.write("hello");
      const answer = await connection.answer();
      equal([answer.status, answer.text, answer.interim], [200, "hello", [100]], "answer");
    },
    "RFC 9110 10.1.1",
  ],
  [
    "input: a client that waits to be asked and is not asked gets its answer",
    (_environ, start) => {
      start("403 Forbidden", [["Content-Type", "text/plain"]]);
      return ["no"];
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ method: "POST", headers: ["Expect: 100-continue", "Content-Length: 5"] });
      const answer = await connection.answer();
      equal([answer.status, answer.text], [403, "no"], "answer");
    },
    "RFC 9110 10.1.1",
  ],
  [
    "input: an expectation that nobody knows is ignored or a 417",
    echoText,
    async (t) => {
      const answer = await t.ask({ method: "POST", headers: ["Expect: the-unexpected"], body: "hello" });
      ok(answer.status === 417 || (answer.status === 200 && answer.text === "hello"), `status ${answer.status}`);
      t.permits(answer, "a server may ignore an unknown expectation or answer 417 (RFC 9110 10.1.1)");
    },
    "RFC 9110 10.1.1",
  ],
];
