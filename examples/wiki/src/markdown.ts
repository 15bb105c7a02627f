import MarkdownIt from "markdown-it";
import { Html } from "./html.ts";
import { pageName } from "./store/store.ts";

/** What links need to know. */
interface Env {
  hrefOf(name: string): string;
  readonly names: ReadonlySet<string>;
}

// html: false is what keeps markup that somebody writes into a page from being markup
const markdown = new MarkdownIt({ html: false, linkify: true, typographer: true });

/** `[[Name]]` and `[[Name|text]]`: a link to a page, marked where there is none yet. */
markdown.inline.ruler.before("link", "page", (state, silent) => {
  const match = /^\[\[([^[\]|\n]+)(?:\|([^[\]\n]+))?\]\]/.exec(state.src.slice(state.pos));
  const name = match === null ? undefined : pageName(match[1]);
  if (match === null || name === undefined) return false;
  if (!silent) {
    const env = state.env as Env;
    const open = state.push("link_open", "a", 1);
    open.attrs = [["href", env.hrefOf(name)]];
    if (!env.names.has(name)) open.attrs.push(["class", "missing"], ["title", "There is no such page yet"]);
    state.push("text", "", 0).content = (match[2] ?? name).trim();
    state.push("link_close", "a", -1);
  }
  state.pos += match[0].length;
  return true;
});

/** A page's text as HTML. */
export function render(text: string, env: Env): Html {
  return new Html(markdown.render(text, env));
}
