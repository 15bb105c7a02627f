import type { App, Environ, HeaderList, StartResponse } from "@tsgi/core";
import { status } from "@tsgi/core";
import "./contract.ts";
import { html, type Html } from "./html.ts";
import { hrefOf, layout } from "./layout.ts";
import { render } from "./markdown.ts";
import { cleanText, pageName, type Page } from "./store/store.ts";

// The wiki's pages: a TSGI app. `/Name` shows a page, `/Name?edit` its form, and a POST to `/Name` saves it.

interface Settings {
  readonly title: string;
  readonly readonly: string;
  /** The page that `/` leads to. */
  readonly front: string;
}

/** One request, and what it takes to answer it. */
class Visit {
  readonly environ: Environ;
  private readonly start: StartResponse;

  constructor(environ: Environ, start: StartResponse) {
    this.environ = environ;
    this.start = start;
  }

  async page(code: number, title: string, main: Html, current?: string): Promise<string[]> {
    const { wiki } = this.environ;
    const names = await wiki.store.list();
    const text = layout(wiki, { title, main, names, ...(current === undefined ? {} : { current }) });
    return this.answer(code, text, [["Cache-Control", "no-cache"]]);
  }

  redirect(to: string): string[] {
    return this.answer(303, `See ${to}\n`, [["Location", to]], "text/plain; charset=utf-8");
  }

  answer(code: number, text: string, headers: HeaderList, type = "text/html; charset=utf-8"): string[] {
    this.start(status(code), [["Content-Type", type], ...headers]);
    return [text];
  }
}

function factory(_globalConf: unknown, settings: Settings): App {
  const writable = settings.readonly !== "true";
  return async (environ, start) => {
    const visit = new Visit(environ, start);
    const { wiki, REQUEST_METHOD: method, PATH_INFO: path } = environ;
    if (path === "" || path === "/") return visit.redirect(hrefOf(wiki, settings.front));
    const name = pageName(path.slice(1));
    if (name === undefined) return visit.page(404, "Not found", noName());
    if (name !== path.slice(1)) return visit.redirect(hrefOf(wiki, name));
    if (method === "GET" || method === "HEAD") {
      const query = new URLSearchParams(environ.QUERY_STRING);
      return writable && query.has("edit") ? edit(visit, name) : show(visit, name, writable, query.has("saved"));
    }
    if (method === "POST" && writable) return save(visit, name);
    return visit.answer(405, "That cannot be done with a page.\n", [
      ["Allow", writable ? "GET, HEAD, POST" : "GET, HEAD"],
    ]);
  };
}

/** `paste.app_factory = ./src/wiki.ts:wiki.factory` */
export const wiki: { factory: typeof factory } = { factory };

async function show(visit: Visit, name: string, writable: boolean, saved: boolean): Promise<string[]> {
  const { wiki: of } = visit.environ;
  const page = await of.store.read(name);
  const editing = `${hrefOf(of, name)}?edit`;
  if (page === undefined)
    return visit.page(
      404,
      name,
      html`<h1>${name}</h1>
        <p>There is no page of this name yet.</p>
        ${writable ? html`<p><a class="button" href="${editing}">Write it</a></p>` : undefined}`,
      name,
    );
  const env = { hrefOf: (to: string) => hrefOf(of, to), names: new Set(await of.store.list()) };
  return visit.page(
    200,
    name,
    html`${saved ? html`<p class="note" role="status">Saved.</p>` : undefined}
      <div class="bar">
        <h1>${name}</h1>
        ${writable ? html`<a class="button" href="${editing}">Edit</a>` : undefined}
      </div>
      <article>${render(page.text, env)}</article>`,
    name,
  );
}

async function edit(visit: Visit, name: string): Promise<string[]> {
  const page = await visit.environ.wiki.store.read(name);
  const main = html`<h1>${page === undefined ? "New page" : "Edit"}: ${name}</h1>
    ${form(visit, name, page?.text ?? "", page?.version ?? "")}`;
  return visit.page(200, `Edit ${name}`, main, name);
}

async function save(visit: Visit, name: string): Promise<string[]> {
  const { store } = visit.environ.wiki;
  const fields = await visit.environ["tsgi.input"].formData();
  const field = (key: string): string => {
    const value = fields.get(key);
    return typeof value === "string" ? value : "";
  };
  const text = cleanText(field("text"));
  if (text.trim() === "") {
    const main = html`<h1>Edit: ${name}</h1>
      <p class="warning" role="alert">A page needs some text.</p>
      ${form(visit, name, "", field("version"))}`;
    return visit.page(422, `Edit ${name}`, main, name);
  }
  if (await store.write(name, text, field("version")))
    return visit.redirect(`${hrefOf(visit.environ.wiki, name)}?saved`);
  return conflict(visit, name, text, await store.read(name));
}

/** Somebody else was faster: both texts are shown, and saving again puts this one over theirs. */
function conflict(visit: Visit, name: string, text: string, theirs: Page | undefined): Promise<string[]> {
  const main = html`<h1>Edit: ${name}</h1>
    <div class="warning" role="alert">
      <p>
        <strong>Somebody has changed this page while you wrote.</strong> Yours is in the form, and not saved yet. Take
        over from theirs what should stay.
      </p>
      <details open>
        <summary>What the page says now</summary>
        <pre>${theirs?.text ?? "(it is gone)"}</pre>
      </details>
    </div>
    ${form(visit, name, text, theirs?.version ?? "")}`;
  return visit.page(409, `Edit ${name}`, main, name);
}

function form(visit: Visit, name: string, text: string, version: string): Html {
  const href = hrefOf(visit.environ.wiki, name);
  return html`<form class="edit" method="post" action="${href}">
    <input type="hidden" name="version" value="${version}" />
    <label for="text"
      >Text, in <a href="https://commonmark.org/help/" rel="noreferrer">Markdown</a>; <code>[[Name]]</code> links a
      page</label
    >
    <textarea id="text" name="text" rows="20" spellcheck="true" required autofocus>${text}</textarea>
    <p class="actions"><button type="submit">Save</button> <a href="${href}">Cancel</a></p>
  </form>`;
}

const noName = (): Html =>
  html`<h1>Not found</h1>
    <p>A page's name is of letters and digits, with single spaces, hyphens or underscores between them.</p>`;
