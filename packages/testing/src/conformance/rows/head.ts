import type { App, Body } from "@tsgi/core";
import type { Client, Row } from "../row.ts";
import { equal, excludes, includes, ok } from "../check.ts";
import { later, never, sleep, text, thrownBy } from "../bodies.ts";
import { note } from "../observe.ts";

// When the head leaves: at the first non-empty chunk, at the end, or when a pull has been pending for one turn of the
// event loop. An error before that is a 500 that tells the client nothing.

/** A row whose app fails before its head has left. */
function fails(name: string, app: App, said = "inner secret", rule = "PEP 3333 Error Handling"): Row {
  return [
    `head: ${name} is a 500`,
    app,
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.whole], [500, true], "answer");
      excludes(answer.text, "secret", "body");
      excludes(answer.text, "at ", "body");
      excludes(JSON.stringify(answer.headers), "x-app", "headers");
      const errors = await t.errors(said);
      includes(errors, said, "errors");
      equal(errors.split("tsgi: ").length - 1, 1, "times that it is logged");
    },
    rule,
  ];
}

const APP = [["X-App", "1"]] as const;

/** Milliseconds until the head is there; the body is not waited for. */
async function timeOfHead(t: Client): Promise<number> {
  const connection = await t.connect();
  const began = Date.now();
  connection.ask();
  const head = await connection.head();
  const time = Date.now() - began;
  equal(head?.status, 200, "status");
  connection.close();
  return time;
}

export const head: readonly Row[] = [
  fails("a synchronous throw", () => {
    throw new Error("inner secret");
  }),
  fails("a throw after startResponse", (_environ, start) => {
    text(start, APP);
    throw new Error("inner secret");
  }),
  fails("a rejected promise", async () => {
    await sleep(5);
    throw new Error("inner secret");
  }),
  fails("a rejection after startResponse", async (_environ, start) => {
    text(start, APP);
    await sleep(30);
    throw new Error("inner secret");
  }),
  fails(
    "a thrown string",
    () => {
      // oxlint-disable-next-line no-throw-literal -- apps do
      throw "inner secret";
    },
    "inner secret",
  ),
  fails(
    "a thrown undefined",
    () => {
      // oxlint-disable-next-line no-throw-literal -- apps do
      throw undefined;
    },
    "undefined",
  ),
  fails(
    "a thrown object that cannot be made text",
    () => {
      throw Object.assign(Object.create(null) as object, { inner: "secret" });
    },
    "tsgi: ",
  ),
  fails("a generator that throws at its first pull", function* (_environ, start) {
    text(start, APP);
    if (start.length >= 0) throw new Error("inner secret");
    yield "never";
  }),
  fails("a generator that throws after an empty chunk", function* (_environ, start) {
    text(start, APP);
    yield "";
    yield new Uint8Array(0);
    throw new Error("inner secret");
  }),
  fails("an async generator that throws before it waits", async function* (_environ, start) {
    text(start, APP);
    if (start.length >= 0) throw new Error("inner secret");
    yield "never";
  }),
  fails("an async generator that throws after some microtasks", async function* (_environ, start) {
    text(start, APP);
    for (let i = 0; i < 5; i++) await undefined;
    if (start.length >= 0) throw new Error("inner secret");
    yield "never";
  }),
  fails("an async generator that throws after an empty chunk", async function* (_environ, start) {
    text(start, APP);
    yield "";
    await undefined;
    throw new Error("inner secret");
  }),
  fails("an async generator that throws before it calls startResponse however long it takes", async function* () {
    await sleep(80);
    if (Date.now() > 0) throw new Error("inner secret");
    yield "never";
  }),
  fails("an iterator whose next() throws", (_environ, start) => {
    text(start, APP);
    return {
      [Symbol.iterator]: () => ({
        next(): IteratorResult<string> {
          throw new Error("inner secret");
        },
      }),
    };
  }),
  fails("a body whose iterator cannot be made", (_environ, start) => {
    text(start, APP);
    return {
      [Symbol.iterator](): Iterator<string> {
        throw new Error("inner secret");
      },
    };
  }),
  fails("a ReadableStream that errors at once", (_environ, start) => {
    text(start, APP);
    return new ReadableStream({
      start(controller) {
        controller.error(new Error("inner secret"));
      },
    }) as unknown as Body;
  }),
  fails("a rejected promise in a chunk's place", async function* (_environ, start) {
    text(start, APP);
    yield await Promise.reject<string>(new Error("inner secret"));
  }),
  [
    "head: an error later than a turn after the head is known breaks the answer off",
    async function* (_environ, start) {
      text(start);
      await sleep(60);
      if (Date.now() > 0) throw new Error("late");
      yield "never";
    },
    async (t) => {
      t.broken(await t.ask());
      includes(await t.errors("late"), "late", "errors");
    },
  ],
  [
    "head: an error after the first chunk breaks the answer off and is logged once",
    async function* (_environ, start) {
      text(start);
      yield "first";
      await sleep(20);
      throw new Error("mid-body");
    },
    async (t) => {
      const answer = await t.ask();
      t.broken(answer);
      excludes(answer.text, "mid-body", "body");
      await t.sleep(50);
      equal((await t.errors("mid-body")).split("Error: mid-body").length - 1, 1, "times that it is logged");
    },
  ],
  [
    "head: an error of a synchronous generator after its first chunk breaks the answer off",
    function* (_environ, start) {
      text(start);
      yield "first";
      throw new Error("mid-body");
    },
    async (t) => {
      t.broken(await t.ask());
      includes(await t.errors("mid-body"), "mid-body", "errors");
    },
  ],
  [
    "head: an error in a body of known length breaks the answer off",
    async function* (_environ, start) {
      text(start, [["Content-Length", "100"]]);
      yield "first";
      await sleep(20);
      throw new Error("mid-body");
    },
    async (t) => t.broken(await t.ask()),
  ],
  [
    "head: after an answer was broken off the server goes on",
    async function* (environ, start) {
      text(start);
      yield "a";
      await sleep(5);
      if (environ.QUERY_STRING === "break") throw new Error("broken on purpose");
      yield "b";
    },
    async (t) => {
      for (let i = 0; i < 5; i++) t.broken(await t.ask({ target: `${t.path}?break` }));
      equal((await t.ask()).text, "ab", "body");
    },
  ],
  [
    "head: leaves at once while a slow first chunk is awaited",
    async function* (_environ, start) {
      text(start);
      await sleep(1200);
      yield "slow";
    },
    async (t) => {
      const time = await timeOfHead(t);
      ok(time < 700, `the head came after ${time} ms`);
    },
  ],
  [
    "head: leaves at once for a stream of events that is silent",
    (_environ, start) => {
      start("200 OK", [["Content-Type", "text/event-stream"]]);
      return (async function* () {
        await sleep(1200);
        yield "data: 1\n\n";
      })();
    },
    async (t) => {
      const time = await timeOfHead(t);
      ok(time < 700, `the head came after ${time} ms`);
    },
  ],
  [
    "head: leaves at once for a ReadableStream that is silent",
    (_environ, start) => {
      text(start);
      let timer: ReturnType<typeof setTimeout>;
      return new ReadableStream<Uint8Array>({
        start(controller) {
          timer = setTimeout(() => controller.close(), 1200);
        },
        cancel() {
          clearTimeout(timer);
        },
      }) as unknown as Body;
    },
    async (t) => {
      const time = await timeOfHead(t);
      ok(time < 700, `the head came after ${time} ms`);
    },
  ],
  [
    "head: leaves a turn after a late startResponse, counted from that call",
    async function* (_environ, start) {
      await sleep(200);
      text(start);
      await sleep(1200);
      yield "slow";
    },
    async (t) => {
      const time = await timeOfHead(t);
      ok(time >= 150 && time < 900, `the head came after ${time} ms`);
    },
  ],
  [
    "head: leaves with write though the app does not return",
    async (_environ, start) => {
      const write = text(start);
      await write("early");
      await sleep(1200);
      return ["late"];
    },
    async (t) => {
      const time = await timeOfHead(t);
      ok(time < 700, `the head came after ${time} ms`);
    },
    "PEP 3333 The write() Callable",
  ],
  [
    "head: empty chunks do not send it",
    async function* (_environ, start) {
      text(start);
      yield "";
      yield "";
      start("503 Service Unavailable", [["Content-Type", "text/plain"]], new Error("replaced"));
      yield "busy";
    },
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text], [503, "busy"], "answer");
    },
  ],
  [
    "head: an app whose promise never settles answers nobody and harms nobody",
    (environ, start) => {
      if (environ.QUERY_STRING !== "stuck") {
        text(start);
        return ["alive"];
      }
      note(environ, "called");
      return never();
    },
    async (t) => {
      const connection = await t.connect();
      connection.ask({ target: `${t.path}?stuck` });
      await t.until(["called"]);
      equal((await t.ask()).text, "alive", "another request meanwhile");
      connection.reset();
      await t.sleep(50);
      equal((await t.ask()).text, "alive", "another request afterwards");
    },
  ],
  [
    "head: what is logged has its control characters escaped",
    () => {
      throw new Error("evil \x1b[31m red \x07 \u009b1m");
    },
    async (t) => {
      equal((await t.ask({ target: `${t.path}?%1b[2J` })).status, 500, "status");
      const errors = await t.errors("red");
      includes(errors, "red", "errors");
      ok(!/[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(errors), `the log has control characters: ${JSON.stringify(errors)}`);
    },
    "CVE-2022-30123",
  ],
  [
    "head: line breaks in a decoded path forge no line of the log",
    () => {
      throw new Error("ordinary");
    },
    async (t) => {
      equal((await t.ask({ target: `${t.path}/%0d%0atsgi:%20forged` })).status, 500, "status");
      const errors = await t.errors("ordinary");
      ok(!/^tsgi: forged/m.test(errors), `a line of the log was forged: ${JSON.stringify(errors)}`);
    },
    "CVE-2025-25184",
  ],
  [
    "head: write and startResponse after a 500 throw its reason",
    (environ, start) => {
      const write = text(start);
      later(environ, 40, () =>
        note(
          environ,
          thrownBy(() => void write("late")),
        ),
      );
      throw new RangeError("the reason");
    },
    async (t) => {
      equal((await t.ask()).status, 500, "status");
      equal(await t.until(["RangeError: the reason"]), ["RangeError: the reason"], "log");
    },
  ],
];
