import {
  environOf,
  fromFetch,
  toFetch,
  type App,
  type Environ,
  type FetchApp,
  type FetchHandler,
  type Lifespan,
} from "@tsgi/core";
import type { Equal, Expect, IsAny, NoAny } from "./expect.ts";

declare const app: App;

// ---- toFetch: what the runtime passes beside the Request reaches the callback, and is asked of the caller --------------------------

export const bare = toFetch(app);
export const answered: Promise<Response> = bare(new Request("http://localhost/"));
bare(new Request("http://localhost/"), "anything", 5);
export const ends: Lifespan = bare;
toFetch(Promise.resolve(app));

export const handler = toFetch(app, {
  scriptName: "/app",
  environ(request, server: { address: string }, info: number) {
    type _ = Expect<Equal<typeof request, Request>>;
    return {
      REMOTE_ADDR: server.address,
      REMOTE_PORT: String(info),
      "tsgi.wait_until": (promise) => void promise.then(() => {}),
    };
  },
});
export type Extras = Expect<
  Equal<Parameters<typeof handler>, [request: Request, server: { address: string }, info: number]>
>;
handler(new Request("http://localhost/"), { address: "::1" }, 1);
// @ts-expect-error what the callback reads has to be passed
handler(new Request("http://localhost/"));
// @ts-expect-error and is what it says
handler(new Request("http://localhost/"), { address: 1 }, 1);
// @ts-expect-error a handler takes a Request
bare("http://localhost/");
// @ts-expect-error REMOTE_ADDR is text
toFetch(app, { environ: () => ({ REMOTE_ADDR: 1 }) });
// @ts-expect-error no such option
toFetch(app, { path: "full" });
// @ts-expect-error a fetch handler is no app
toFetch((request: Request) => new Response(request.url));

// ---- fromFetch: a function, an object, a framework -----------------------------------------------------------------------------------

export const made: App[] = [
  fromFetch((request, environ) => {
    type _ = [Expect<Equal<typeof request, Request>>, Expect<Equal<typeof environ, Environ>>];
    return new Response(request.url + environ.SCRIPT_NAME);
  }),
  fromFetch(async () => new Response(null, { status: 204 }), { path: "full" }),
  fromFetch({ fetch: (request) => new Response(request.url) }),
  fromFetch({ fetch: async (request: Request, env: { KEY: string }) => new Response(request.url + env.KEY) }),
  fromFetch(bare),
];
// @ts-expect-error a Response is what a handler returns
fromFetch(() => "text");
// @ts-expect-error an app is no fetch handler
fromFetch(app);
// @ts-expect-error neither a function nor an object with fetch
fromFetch({ handle: () => new Response() });
// @ts-expect-error two ways to show the path
fromFetch(bare, { path: "short" });

const found = environOf(new Request("http://localhost/"));
export type Found = Expect<Equal<typeof found, Environ | undefined>>;
// @ts-expect-error undefined for a Request that fromFetch did not hand over
void found.SCRIPT_NAME;

export type Leaks = [
  Expect<NoAny<typeof toFetch>>,
  Expect<NoAny<typeof fromFetch>>,
  Expect<NoAny<typeof environOf>>,
  Expect<NoAny<FetchHandler>>,
  Expect<NoAny<typeof bare>>,
  Expect<NoAny<typeof handler>>,
  Expect<Equal<IsAny<ReturnType<FetchApp["fetch"]>>, false>>,
];
