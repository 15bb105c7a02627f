import express, { type Express } from "express";
import type { Wiki } from "./contract.ts";
import { html, type Html } from "./html.ts";
import { hrefOf, layout } from "./layout.ts";

// Search: an Express app, as it stood before there was anything else. The environ is on its request.

/** `tsgi.listener = ./src/search.ts:search` */
export const search: Express = express();
search.disable("x-powered-by");

search.get("/", (req, res, next) => {
  const { q } = req.query;
  results(req.environ.wiki, typeof q === "string" ? q.trim() : "").then((page) => res.type("html").send(page), next);
});

async function results(wiki: Wiki, query: string): Promise<string> {
  const names = await wiki.store.list();
  const found: Html[] = [];
  if (query !== "")
    for (const name of names) {
      const text = (await wiki.store.read(name))?.text ?? "";
      const hit = snippet(text, query);
      if (hit === undefined && !includes(name, query)) continue;
      found.push(
        html`<li>
          <a href="${hrefOf(wiki, name)}">${name}</a>
          <p>${hit ?? `${text.slice(0, 120)} …`}</p>
        </li>`,
      );
    }
  const main = html`<h1>${query === "" ? "Search" : html`Search: ${query}`}</h1>
    <p role="status">${query === "" ? "Type something above." : count(found.length)}</p>
    <ul class="found">
      ${found}
    </ul>`;
  return layout(wiki, { title: "Search", main, names, query });
}

const count = (n: number): string => (n === 0 ? "No page has that." : n === 1 ? "1 page" : `${n} pages`);

const includes = (text: string, query: string): boolean => text.toLowerCase().includes(query.toLowerCase());

/** Where a text has what was searched for, and some words around it. */
function snippet(text: string, query: string): Html | undefined {
  const at = text.toLowerCase().indexOf(query.toLowerCase());
  if (at < 0) return undefined;
  const end = at + query.length;
  // from the beginning of a word
  const from = at < 60 ? 0 : text.indexOf(" ", at - 60) + 1;
  const before = `${from > 0 ? "… " : ""}${text.slice(from, at)}`;
  return html`${before}<mark>${text.slice(at, end)}</mark>${text.slice(end, end + 100)}${end + 100 < text.length ? " …" : ""}`;
}
