import {
  defineApp,
  defineFilter,
  defineServer,
  type App,
  type Defined,
  type Environ,
  type Middleware,
  type Schema,
  type Server,
  type ServerRunner,
  type Settings,
} from "@tsgi/core";
import * as v from "valibot";
import { rateLimit } from "../usage/rate-limit.ts";
import type { Equal, Expect, IsAny, NoAny } from "./expect.ts";

// ---- a Standard Schema: what goes in is what a file says, what create gets is what the schema makes of it -----------------------

export const tag = defineFilter({
  settings: v.object({ name: v.string(), times: v.optional(v.pipe(v.string(), v.transform(Number)), "1") }),
  create(settings, globalConf) {
    type _ = [
      Expect<Equal<typeof settings, { name: string; times: number }>>,
      Expect<Equal<typeof globalConf, Settings>>,
    ];
    return (app) => (environ, start) => {
      type __ = [Expect<Equal<typeof app, App>>, Expect<Equal<typeof environ, Environ>>];
      environ["tests.tag"] = settings.name.repeat(settings.times);
      return app(environ, start);
    };
  },
});

export type Tag = [
  Expect<Equal<NonNullable<Parameters<typeof tag>[0]>, { name: string; times?: string | undefined }>>,
  Expect<Equal<ReturnType<typeof tag>, Middleware>>,
  Expect<NoAny<typeof tag>>,
];

export const tagged: Middleware = tag({ name: "x" });
tag({ name: "x", times: "3" });
// @ts-expect-error what goes in is text: the schema makes a number of it
tag({ name: "x", times: 3 });
// @ts-expect-error a setting is missing
tag({ times: "3" });
// @ts-expect-error no such setting
tag({ name: "x", colour: "red" });
// @ts-expect-error a filter, not an app
export const tagApp: App = tag({ name: "x" });

export const limited: Middleware = rateLimit({ limit: "5" });
export const limitedInIni: Promise<Middleware> | Middleware = rateLimit.factory({}, { limit: "5" });
// @ts-expect-error text again
rateLimit({ limit: 5 });

// ---- no schema: the settings are what create says ----------------------------------------------------------------------------

export const page = defineApp({
  create:
    ({ text }: { text: string }): App =>
    (_environ, start) => (start("200 OK", []), [text]),
});
export type Page = [
  Expect<Equal<NonNullable<Parameters<typeof page>[0]>, { text: string }>>,
  Expect<Equal<ReturnType<typeof page>, App>>,
];
export const hello: App = page({ text: "hello" });
// @ts-expect-error text is text
page({ text: 5 });

/** Nothing said of the settings: they are unknown, not any. */
export const loose = defineFilter({
  create: (settings) => {
    type _ = [Expect<Equal<IsAny<(typeof settings)[string]>, false>>, Expect<Equal<typeof settings, Settings>>];
    return (app) => app;
  },
});
loose();
loose({ anything: 1 });

// ---- a schema of another make, by hand ---------------------------------------------------------------------------------------

declare const port: Schema<{ port: string }, { port: number }>;
export const main = defineServer({
  settings: port,
  create(settings) {
    type _ = Expect<Equal<typeof settings, { port: number }>>;
    return (app) => {
      type __ = Expect<Equal<typeof app, App>>;
      return Promise.resolve<Server>({ url: `http://127.0.0.1:${settings.port}`, close: async () => {} });
    };
  },
});
export const runner: ServerRunner = main({ port: "8080" });
export const asDefined: Defined<{ port: string }, ServerRunner> = main;
export const kind: "app" | "filter" | "server" = main.kind;
export const running = async (app: App): Promise<string> => {
  const server = await runner(app);
  await server.close();
  return server.url;
};

// @ts-expect-error a filter's create gives a filter
defineFilter({ create: () => 5 });
// @ts-expect-error create is missing
defineApp({ settings: port });
// @ts-expect-error a schema has "~standard"
defineApp({ settings: { parse: () => ({}) }, create: () => hello });

export type Leaks = [Expect<NoAny<typeof main>>, Expect<NoAny<typeof page>>, Expect<NoAny<typeof rateLimit>>];
