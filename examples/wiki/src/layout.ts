import type { Wiki } from "./contract.ts";
import { html, type Html } from "./html.ts";

/** The address of a page. */
export function hrefOf({ root }: Wiki, name: string): string {
  return `${root}/${encodeURIComponent(name)}`;
}

interface Content {
  readonly title: string;
  readonly main: Html;
  /** The names of all pages. */
  readonly names: readonly string[];
  /** The page that is shown. */
  readonly current?: string;
  /** What was searched for. */
  readonly query?: string;
}

/** A whole page. */
export function layout(wiki: Wiki, { title, main, names, current, query = "" }: Content): string {
  const link = (name: string): Html =>
    html`<li>
      <a href="${hrefOf(wiki, name)}" ${name === current ? html` aria-current="page"` : undefined}>${name}</a>
    </li>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${wiki.title}</title>
        <link rel="icon" href="${wiki.root}/static/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${wiki.root}/static/wiki.css" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to the page</a>
        <header>
          <a class="brand" href="${wiki.root}/"
            ><img src="${wiki.root}/static/icon.svg" alt="" width="28" height="28" />${wiki.title}</a
          >
          <form action="${wiki.root}/search" role="search">
            <label class="unseen" for="q">Search the wiki</label>
            <input id="q" name="q" type="search" placeholder="Search" value="${query}" />
          </form>
        </header>
        <div class="sheet">
          <nav aria-labelledby="pages">
            <h2 id="pages">Pages</h2>
            <ul>
              ${names.map(link)}
            </ul>
          </nav>
          <main id="main" tabindex="-1">${main}</main>
        </div>
      </body>
    </html> `.text;
}
