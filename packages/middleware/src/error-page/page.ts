import type { Environ } from "@tsgi/core";
import { escapeHtml } from "../html.ts";
import { isError } from "../thrown.ts";
import { shownEnviron } from "./hide.ts";

/** One error of a chain of causes. */
interface Told {
  readonly title: string;
  readonly stack: string;
}

/** So many causes are shown: a chain may be endless, or a circle. */
const CAUSES = 10;
/** Characters of a stack that are shown: a message may hold what a client sent, and the search for files must be short. */
const LONGEST = 20_000;

/** The error as a person reads it in a terminal. */
export function textPage(error: unknown, environ: Environ): string {
  const errors = chainOf(error).map(({ title, stack }) => (stack === "" ? title : stack));
  const keys = shownEnviron(environ).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`);
  return `${errors.join("\ncaused by ")}\n\nThe request:\n${keys.join("\n")}\n`;
}

/** The error as a page; `editor` makes an address of a place in a file: `{file}`, `{line}`, `{column}`. */
export function htmlPage(error: unknown, environ: Environ, editor: string): string {
  const [first, ...causes] = chainOf(error);
  const told = ({ title, stack }: Told): string =>
    `<h1>${escapeHtml(title)}</h1>\n<pre>${linked(stackWithout(title, stack), editor)}</pre>`;
  const rows = shownEnviron(environ).map(
    ([key, value]) => `<tr><th scope="row">${escapeHtml(key)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  const where = `${environ.REQUEST_METHOD} ${environ.SCRIPT_NAME}${environ.PATH_INFO}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(first.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<p class="where">${escapeHtml(where)}</p>
${told(first)}
${causes.map((cause) => `<section><p class="where">caused by</p>\n${told(cause)}</section>`).join("\n")}
<h2>The request</h2>
<table>
${rows.join("\n")}
</table>
<p class="where">This page is for development: it shows what a visitor must not see.</p>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: light-dark(#b3261e, #ff8a80); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; color: var(--accent); overflow-wrap: anywhere; margin: .25rem 0 1rem; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
pre, td, th { font: 14px/1.6 ui-monospace, monospace; }
pre { border: 1px solid var(--line); border-radius: 6px; padding: 1rem; overflow-x: auto; }
section { margin-left: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-top: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
th { font-weight: normal; white-space: nowrap; opacity: .75; }
td { overflow-wrap: anywhere; }
.where { opacity: .75; margin: 0; overflow-wrap: anywhere; }
`;

const UNSHOWN = "(cannot be shown)";

function chainOf(error: unknown): [Told, ...Told[]] {
  const chain: [Told, ...Told[]] = [tell(error)];
  const seen = [error];
  for (let at = error; isError(at); seen.push(at)) {
    try {
      at = at.cause;
    } catch {
      // a getter of the error's own
      chain.push({ title: UNSHOWN, stack: "" });
      break;
    }
    if (at === undefined || seen.length > CAUSES || seen.includes(at)) break;
    chain.push(tell(at));
  }
  return chain;
}

function tell(error: unknown): Told {
  try {
    if (error instanceof Error)
      return { title: `${error.name}: ${error.message}`, stack: String(error.stack ?? "").slice(0, LONGEST) };
    return { title: `thrown: ${String(error)}`, stack: "" };
  } catch {
    return { title: `thrown: ${UNSHOWN}`, stack: "" };
  }
}

/** V8's stacks begin with the title, which stands above already. */
function stackWithout(title: string, stack: string): string {
  return stack.startsWith(title) ? stack.slice(title.length).replace(/^\n/, "") : stack;
}

/** A path that is no URL may have spaces in it, which only what stands before it tells from the text around. */
const PLACE =
  /((?:(?<=\(|\bat |@)(?:\/|[A-Za-z]:[\\/])[^\n():]{1,500}|(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^\s():]{1,500})):([0-9]{1,9}):([0-9]{1,9})/g;

/** Escaped, and each place in a file a link for the editor. */
function linked(stack: string, editor: string): string {
  let html = "";
  let end = 0;
  for (const match of stack.matchAll(PLACE)) {
    const [place, named, line, column] = match;
    // the path of a URL is encoded as it stands
    const file = named.startsWith("file://") ? named.slice("file://".length) : encodeURI(named);
    const href = editor
      .replace("{file}", () => file)
      .replace("{line}", line)
      .replace("{column}", column);
    html += `${escapeHtml(stack.slice(end, match.index))}<a href="${escapeHtml(href)}">${escapeHtml(place)}</a>`;
    end = match.index + place.length;
  }
  return html + escapeHtml(stack.slice(end));
}
