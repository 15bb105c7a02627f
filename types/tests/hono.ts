import { environOf, fromFetch, urlmap, type App, type Environ } from "@tsgi/core";
import { Hono } from "hono";
import type { Equal, Expect } from "./expect.ts";

declare const app: App;

// A framework's own types of bindings, variables and context stand in nobody's way.
export const plain: App = fromFetch(new Hono());
export const typed: App = fromFetch(
  new Hono<{ Bindings: { KEY: string }; Variables: { user: string } }>().basePath("/v1").get("/", (c) => {
    const environ = environOf(c.req.raw);
    type _ = Expect<Equal<typeof environ, Environ | undefined>>;
    return c.text(c.env.KEY + (environ?.SCRIPT_NAME ?? ""));
  }),
);
export const mounted: App = urlmap({ "/": app, "/api": plain });
