import { environOf, fromFetch, type App } from "@tsgi/core";
import { Hono, type Context } from "hono";
import type { Wiki } from "./contract.ts";
import { hrefOf } from "./layout.ts";
import { render } from "./markdown.ts";
import { cleanText, pageName } from "./store/store.ts";

// The pages as JSON: a Hono app. Where the wiki is, it reads from the environ behind its Request.

/** `use = ./src/api.ts:makeApi`; `readonly = true` leaves out what changes a page. */
export function makeApi(_globalConf: unknown, settings: { readonly: string }): App {
  const api = new Hono();

  api.get("/pages", async (c) => {
    const wiki = wikiOf(c);
    const names = await wiki.store.list();
    return c.json({ title: wiki.title, pages: names.map((name) => ({ name, url: hrefOf(wiki, name) })) });
  });

  api.get("/pages/:name", async (c) => {
    const wiki = wikiOf(c);
    const name = pageName(c.req.param("name"));
    const page = name === undefined ? undefined : await wiki.store.read(name);
    if (page === undefined) return c.json({ error: "There is no such page." }, 404);
    const env = { hrefOf: (to: string) => hrefOf(wiki, to), names: new Set(await wiki.store.list()) };
    return c.json({ name, ...page, html: render(page.text, env).text }, 200, { ETag: `"${page.version}"` });
  });

  if (settings.readonly !== "true")
    api.put("/pages/:name", async (c) => {
      const name = pageName(c.req.param("name"));
      const given = await c.req.json<{ text?: unknown; version?: unknown } | null>().catch(() => null);
      if (name === undefined || typeof given?.text !== "string" || given.text.trim() === "")
        return c.json({ error: "A name and { text, version } are wanted." }, 422);
      const version = typeof given.version === "string" ? given.version : "";
      const saved = await wikiOf(c).store.write(name, cleanText(given.text), version);
      return saved ? c.json({ name }) : c.json({ error: "The page has changed since." }, 409);
    });

  api.notFound((c) => c.json({ error: "There is no such resource." }, 404));
  return fromFetch(api);
}

function wikiOf(c: Context): Wiki {
  const environ = environOf(c.req.raw);
  if (environ === undefined) throw new Error("this app stands in a TSGI composition, behind the store's filter");
  return environ.wiki;
}
