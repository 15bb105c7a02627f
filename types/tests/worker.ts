import type { App, Bindings } from "@tsgi/core";
import { toWorker } from "@tsgi/workers";
import type { Equal, Expect, IsAny, NoAny } from "./expect.ts";

// `usage/worker.ts` of the same program declares the bindings WIKI and DB.

declare const app: App;

interface Env {
  WIKI: KVNamespace;
}

export type Declared = [
  Expect<Equal<Bindings["WIKI"], KVNamespace>>,
  Expect<Equal<Bindings["DB"], D1Database>>,
  Expect<Equal<Bindings["NOT_DECLARED"], unknown>>,
];

export const page: App = async (environ, start) => {
  const text = await environ["tsgi.bindings"].WIKI.get("page");
  type _ = Expect<Equal<typeof text, string | null>>;
  // @ts-expect-error a namespace has no such method
  await environ["tsgi.bindings"].WIKI.fetch("page");
  // @ts-expect-error what nobody declared has to be narrowed first
  void environ["tsgi.bindings"].NOT_DECLARED.length;
  start("200 OK", []);
  return [text ?? ""];
};

export const worker: ExportedHandler<Env> = toWorker<Env>(app);
export const untyped: ExportedHandler<Env> = toWorker(app);
export const whole = {
  ...toWorker<Env>(app),
  async scheduled(event, env, ctx) {
    type _ = [Expect<Equal<IsAny<typeof env>, false>>, Expect<Equal<IsAny<typeof event>, false>>];
    ctx.waitUntil(env.WIKI.put("tick", event.cron));
  },
} satisfies ExportedHandler<Env>;

// @ts-expect-error an app is a function
toWorker({ fetch: () => new Response() });
// @ts-expect-error no such limit
toWorker(app, { limits: { bodies: 5 } });
// @ts-expect-error bindings of another shape
export const other: ExportedHandler<{ OTHER: string }> = toWorker<{ WIKI: KVNamespace; MORE: string }>(app);

export type Leaks = Expect<NoAny<typeof toWorker>>;
