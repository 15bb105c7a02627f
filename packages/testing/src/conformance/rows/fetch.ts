import { environOf, fromFetch, mapResponse, urlmap, type App } from "@tsgi/core";
import type { Row } from "../row.ts";
import { equal, excludes, includes, ok } from "../check.ts";
import { sleep } from "../bodies.ts";
import { note } from "../observe.ts";

// A fetch handler behind the gateway: its Response arrives as it was made, and its stream is cleaned up like any body.

const encoder = new TextEncoder();

/** A stream that gives `next(n)` until that is null, and notes its cancellation. */
function stream(
  next: (pull: number) => Promise<string | null> | string | null,
  cancelled: () => void,
): ReadableStream<Uint8Array> {
  let pulls = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const text = await next(pulls++);
        if (text === null) controller.close();
        else controller.enqueue(encoder.encode(text));
      },
      cancel: cancelled,
    },
    { highWaterMark: 0 },
  );
}

const forever = async (pull: number): Promise<string> => {
  await sleep(10);
  return `${pull}\n`;
};

const marked = (app: App): App =>
  mapResponse(app, { head: (status, headers) => [status, [...headers, ["X-Filter", "1"]]] });

export const fetch: readonly Row[] = [
  [
    "fetch: a Response of text arrives with its type and length",
    fromFetch(() => new Response("hello", { headers: { "X-A": "1" } })),
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.text, answer.header("x-a")], [200, "hello", "1"], "answer");
      equal(answer.header("content-type")?.toLowerCase().replace(" ", ""), "text/plain;charset=utf-8", "Content-Type");
      t.permits(answer, "each runtime writes the type of a text Response in its own letters (Fetch standard)");
    },
    "Fetch standard",
  ],
  [
    "fetch: a Response of JSON with a status and two cookies",
    fromFetch(() => {
      const response = Response.json({ made: true }, { status: 201 });
      response.headers.append("Set-Cookie", "a=1; Path=/");
      response.headers.append("Set-Cookie", "b=2");
      return response;
    }),
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.json()], [201, { made: true }], "answer");
      equal(answer.all("set-cookie"), ["a=1; Path=/", "b=2"], "Set-Cookie");
      t.permits(answer, "each runtime writes the type of a JSON Response in its own letters (Fetch standard)");
    },
    "Fetch standard",
  ],
  [
    "fetch: a Response of bytes has no type that it was not given",
    fromFetch(() => new Response(encoder.encode("bytes"), { headers: { "Content-Type": "application/x-own" } })),
    async (t) => {
      const answer = await t.ask();
      equal([answer.text, answer.header("content-type")], ["bytes", "application/x-own"], "answer");
    },
  ],
  [
    "fetch: a streamed Response arrives piece by piece",
    fromFetch(
      () =>
        new Response(
          stream(
            async (pull) => {
              await sleep(pull === 0 ? 0 : 80);
              return pull < 3 ? `piece ${pull}` : null;
            },
            () => {},
          ),
          { headers: { "Content-Type": "text/plain" } },
        ),
    ),
    async (t) => {
      const connection = await t.connect();
      connection.ask();
      equal((await connection.head())?.status, 200, "status");
      for (let i = 0; i < 3; i++) equal(await connection.piece(), `piece ${i}`, "piece");
      equal(await connection.piece(), null, "end");
    },
  ],
  [
    "fetch: statuses without a body",
    fromFetch((request) => new Response(null, { status: Number(new URL(request.url).search.slice(1)) })),
    async (t) => {
      for (const status of [204, 304]) {
        const connection = await t.connect();
        for (let i = 0; i < 2; i++) {
          connection.ask({ target: `/?${status}` });
          const answer = await connection.answer();
          equal([answer.status, answer.body.length], [status, 0], "answer");
        }
      }
    },
    "RFC 9110 15.3.5",
  ],
  [
    "fetch: a redirect keeps its Location",
    fromFetch(() => Response.redirect("http://example.test/there", 303)),
    async (t) => {
      const answer = await t.ask();
      equal([answer.status, answer.header("location")], [303, "http://example.test/there"], "answer");
    },
  ],
  [
    "fetch: HEAD of an endless stream comes at once and cancels it once",
    fromFetch((_request, environ) => {
      const body = stream(forever, () => note(environ, "cancel"));
      return new Response(body, { headers: { "Content-Type": "text/plain" } });
    }),
    async (t) => {
      const began = Date.now();
      const answer = await t.ask({ method: "HEAD" });
      equal([answer.status, answer.body.length], [200, 0], "answer");
      ok(Date.now() - began < 1500, "the head comes at once");
      equal(await t.until(["cancel"]), ["cancel"], "log");
    },
    "RFC 9110 9.3.2",
  ],
  [
    "fetch: the client leaves mid-stream and the stream is cancelled once",
    fromFetch((_request, environ) => {
      const give = async (pull: number): Promise<string> => {
        if (pull === 3) note(environ, "started");
        return forever(pull);
      };
      return new Response(
        stream(give, () => note(environ, "cancel")),
        { headers: { "Content-Type": "text/plain" } },
      );
    }),
    async (t) => {
      const connection = await t.connect();
      connection.ask();
      await t.until(["started"]);
      connection.reset();
      equal(await t.until(["cancel"]), ["started", "cancel"], "log");
    },
    "CVE-2022-23634",
  ],
  [
    "fetch: a handler that throws is a 500",
    fromFetch(() => {
      throw new Error("inner secret");
    }),
    async (t) => {
      const answer = await t.ask();
      equal(answer.status, 500, "status");
      excludes(answer.text, "secret", "body");
      includes(await t.errors("inner secret"), "inner secret", "errors");
    },
  ],
  [
    "fetch: a handler that rejects is a 500",
    fromFetch(async () => {
      await sleep(5);
      throw new Error("inner secret");
    }),
    async (t) => equal((await t.ask()).status, 500, "status"),
  ],
  [
    "fetch: a handler that returns no Response is a 500 that says so",
    fromFetch(() => "text" as unknown as Response),
    async (t) => {
      equal((await t.ask()).status, 500, "status");
      includes(await t.errors("Response"), "Response", "errors");
    },
  ],
  [
    "fetch: a stream that errors breaks the answer off",
    fromFetch(() => {
      const body = stream(
        async (pull) => {
          await sleep(10);
          if (pull === 2) throw new Error("mid-stream");
          return "x";
        },
        () => {},
      );
      return new Response(body, { headers: { "Content-Type": "text/plain" } });
    }),
    async (t) => {
      t.broken(await t.ask());
    },
  ],
  [
    "fetch: a filter adds a header to a Response",
    marked(fromFetch(() => new Response("plain", { headers: { "Content-Type": "text/plain", "X-A": "1" } }))),
    async (t) => {
      const answer = await t.ask();
      equal([answer.text, answer.header("x-a"), answer.header("x-filter")], ["plain", "1", "1"], "answer");
    },
  ],
  [
    "fetch: the request has the client's method, headers and body",
    fromFetch(async (request) => {
      const body = await request.text();
      const seen = [request.method, request.headers.get("x-one"), new URL(request.url).search, body];
      return new Response(JSON.stringify(seen), { headers: { "Content-Type": "application/json" } });
    }),
    async (t) => {
      const answer = await t.ask({ method: "POST", target: "/p?q=1", headers: ["X-One: 1"], body: "sent" });
      equal(answer.json(), ["POST", "1", "?q=1", "sent"], "seen by the handler");
    },
  ],
  [
    "fetch: under a mount the URL is the rest, and environOf knows the whole",
    urlmap({
      "/mount": fromFetch((request) => {
        const environ = environOf(request);
        const seen = [new URL(request.url).pathname, environ?.SCRIPT_NAME, environ?.PATH_INFO];
        return new Response(JSON.stringify(seen), { headers: { "Content-Type": "application/json" } });
      }),
    }),
    async (t) => {
      equal((await t.ask({ target: "/mount/rest/of" })).json(), ["/rest/of", "/mount", "/rest/of"], "seen");
      equal((await t.ask({ target: "/elsewhere" })).status, 404, "status beside the mount");
    },
  ],
  [
    "fetch: waitUntil of the context lets work outlive the answer",
    fromFetch({
      fetch(request: Request, _bindings: unknown, context: { waitUntil?(work: Promise<unknown>): void }) {
        const environ = environOf(request);
        const work = sleep(60).then(() => environ !== undefined && note(environ, "done"));
        context.waitUntil?.(work);
        return new Response("answered", { headers: { "Content-Type": "text/plain" } });
      },
    }),
    async (t) => {
      equal((await t.ask()).text, "answered", "body");
      equal(await t.until(["done"]), ["done"], "log");
    },
  ],
];
