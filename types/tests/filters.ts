import {
  call,
  cascade,
  copyEnviron,
  mapResponse,
  pipeline,
  respond,
  status,
  urlmap,
  type Answer,
  type App,
  type Body,
  type Bytes,
  type Chunk,
  type Environ,
  type Header,
  type HeaderList,
  type Lifespan,
  type Middleware,
  type StartResponse,
  type Write,
} from "@tsgi/core";
import type { Equal, Expect, NoAny } from "./expect.ts";

// ---- apps in every form, and what is none ---------------------------------------------------------------------------------

export const apps: App[] = [
  (_environ, start) => (start("200 OK", []), ["x"]),
  async (_environ, start) => (start("200 OK", []), new Set(["x"])),
  function* (_environ, start) {
    start("200 OK", []);
    yield "x";
  },
  async function* (_environ, start) {
    start("200 OK", []);
    yield new Uint8Array(1);
  },
  (_environ, start) => (start("200 OK", []), new Map<string, Uint8Array>().values()),
  () => ({ *[Symbol.iterator]() {}, close() {} }),
];

const one = apps[0] as App;

// @ts-expect-error an app is a function
export const notApp: App = { fetch: () => new Response() };
// @ts-expect-error a Response is no body: fromFetch takes such a handler
export const response: App = () => new Response("x");
// @ts-expect-error null is no body
export const nothing: App = () => null;
// @ts-expect-error a number is no chunk
export const numbers: App = async () => [1, 2];
// @ts-expect-error close is a function
export const closes: Body = Object.assign(["x"], { close: 1 });

// ---- an app is no filter, a filter is no app -----------------------------------------------------------------------------

export const filter: Middleware = (app) => (environ, start) => app(environ, start);
export const wrapped: App = filter(one);
// @ts-expect-error an app is no filter
export const appAsFilter: Middleware = one;
// @ts-expect-error a filter is no app
export const filterAsApp: App = filter;
// @ts-expect-error a filter wraps an app
filter(filter);
// @ts-expect-error a filter gives an app, not its answer
export const answersAtOnce: Middleware = (app) => app({} as Environ, {} as StartResponse);
// @ts-expect-error a filter that forgets to return the app
export const forgets: Middleware = (app) => {
  void app;
};

/** What a filter gets and gives is inferred, none of it `any`. */
export const inferred: Middleware = (app) => (environ, start) => {
  type _ = [
    Expect<Equal<typeof app, App>>,
    Expect<Equal<typeof environ, Environ>>,
    Expect<Equal<typeof start, StartResponse>>,
  ];
  return app(environ, (line, headers, error) => {
    type _ = [
      Expect<Equal<typeof line, string>>,
      Expect<Equal<typeof headers, readonly Readonly<Header>[]>>,
      Expect<Equal<typeof error, unknown>>,
    ];
    // @ts-expect-error the app's list is the app's: a filter makes its own
    headers.push(["X", "y"]);
    const write = start(line, [...headers, ["X", "y"]], error);
    type __ = Expect<Equal<typeof write, Write>>;
    return write;
  });
};

// ---- call, respond --------------------------------------------------------------------------------------------------------

export const look: Middleware = (app) => async (environ, start) => {
  const answer = await call(app, copyEnviron(environ, { PATH_INFO: "/", "tests.more": 1 }));
  type _ = [
    Expect<Equal<typeof answer, Answer>>,
    Expect<Equal<typeof answer.status, string>>,
    Expect<Equal<typeof answer.headers, HeaderList>>,
    Expect<Equal<typeof answer.body, Body>>,
    Expect<Equal<typeof answer.error, unknown>>,
  ];
  if (answer.status.startsWith("404")) return respond({ ...answer, body: ["nothing here"] }, start);
  const body = respond(answer, start);
  type __ = Expect<Equal<typeof body, Body>>;
  return body;
};

// @ts-expect-error call gives a promise
void call(one, {} as Environ).status;
// @ts-expect-error an answer has headers
respond({ status: "200 OK", body: [] }, {} as StartResponse);
// @ts-expect-error a status is text
respond({ status: 200, headers: [], body: [] }, {} as StartResponse);
// @ts-expect-error PATH_INFO is text
copyEnviron({} as Environ, { PATH_INFO: 5 });

// ---- mapResponse ----------------------------------------------------------------------------------------------------------

export const mapped: Middleware = (app) =>
  mapResponse(app, {
    head(line, headers, environ) {
      type _ = [
        Expect<Equal<typeof line, string>>,
        Expect<Equal<typeof headers, HeaderList>>,
        Expect<Equal<typeof environ, Environ>>,
      ];
      headers.push(["X-Path", environ.PATH_INFO]);
    },
    chunk(bytes, environ) {
      type _ = [Expect<Equal<typeof bytes, Bytes>>, Expect<Equal<typeof environ, Environ>>];
      return environ.REQUEST_METHOD === "GET" ? new TextDecoder().decode(bytes) : undefined;
    },
    end: () => "bye",
  });

mapResponse(one, { head: (line, headers) => [line, [...headers, ["X", "y"]]] });
mapResponse(one, {});
// @ts-expect-error the head is a status and a list
mapResponse(one, { head: (line) => line });
// @ts-expect-error a chunk is text or bytes
mapResponse(one, { chunk: () => 5 });
// @ts-expect-error no such part
mapResponse(one, { body: () => "x" });

// ---- made of parts ----------------------------------------------------------------------------------------------------------

export const whole: App = pipeline(
  [filter, mapped],
  urlmap({ "/": one, "/b": cascade([one, wrapped], { catch: [404, 405] }) }),
);
// @ts-expect-error filters come in a list
pipeline(filter, one);
// @ts-expect-error an app among the filters
pipeline([one], one);
// @ts-expect-error a filter is mounted where an app belongs
urlmap({ "/": filter });
// @ts-expect-error a status line where a code belongs
cascade([one], { catch: ["404"] });
// @ts-expect-error no such option
urlmap({ "/": one }, { notfound: one });
export const line: string = status(404);

export type Leaks = [
  Expect<NoAny<App>>,
  Expect<NoAny<Middleware>>,
  Expect<NoAny<StartResponse>>,
  Expect<NoAny<Write>>,
  Expect<NoAny<typeof call>>,
  Expect<NoAny<typeof respond>>,
  Expect<NoAny<typeof mapResponse>>,
  Expect<NoAny<typeof pipeline>>,
  Expect<NoAny<typeof urlmap>>,
  Expect<NoAny<typeof cascade>>,
  Expect<NoAny<typeof copyEnviron>>,
  Expect<NoAny<typeof status>>,
];
export type Pieces = Expect<Equal<Chunk, Uint8Array | string>>;

// ---- lifespan: an app may carry its own end ------------------------------------------------------------------------------------

export const lasting: App & Lifespan = Object.assign(one, { [Symbol.asyncDispose]: async () => {} });
export const end = async (): Promise<void> => {
  await lasting[Symbol.asyncDispose]?.();
  // @ts-expect-error not every app has one
  await lasting[Symbol.asyncDispose]();
};
