import type { Stats } from "node:fs";
import { readdir } from "node:fs/promises";
import { escapeHtml } from "../html.ts";
import { find, segmentsOf, unfound, type Unfound } from "./find.ts";

interface Entry {
  readonly name: string;
  readonly stats: Stats;
}

/**
 * A directory as a page.
 *
 * @param segments the directory's path below the root
 * @param shown the path as the visitor sees it, with a slash at its end
 * @returns the page, or why there is none: the directory may not be read, or has gone meanwhile
 */
export async function listing(
  root: string,
  segments: readonly string[],
  shown: string,
  dotFiles: boolean,
): Promise<string | Unfound> {
  const names = await readdir([root, ...segments].join("/")).catch(unfound);
  if (!Array.isArray(names)) return names;
  const entries: Entry[] = [];
  for (const name of names) {
    // what would not be found is not shown: hidden files, links that lead out
    if (segmentsOf(`/${name}`, dotFiles)?.length !== 1) continue;
    const found = await find(root, [...segments, name]);
    if (found.kind === "file" || found.kind === "directory") entries.push({ name, stats: found.stats });
  }
  const { compare } = new Intl.Collator("en", { numeric: true });
  entries.sort((a, b) => Number(b.stats.isDirectory()) - Number(a.stats.isDirectory()) || compare(a.name, b.name));
  return page(shown, segments.length > 0, entries);
}

function page(shown: string, hasParent: boolean, entries: readonly Entry[]): string {
  const rows = entries.map(row);
  if (hasParent)
    rows.unshift(
      '<tr><td class="up"><svg aria-hidden="true"><use href="#up"/></svg><a href="../">Parent directory</a></td><td></td><td></td></tr>',
    );
  const count = `${entries.length} ${entries.length === 1 ? "entry" : "entries"}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Index of ${escapeHtml(shown)}</title>
<style>${STYLE}</style>
</head>
<body>
${ICONS}
<h1><span>Index of</span> ${escapeHtml(shown)}</h1>
<table>
<thead><tr><th scope="col">Name</th><th scope="col">Size</th><th scope="col">Modified (UTC)</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
<p>${count}</p>
</body>
</html>
`;
}

function row({ name, stats }: Entry): string {
  const directory = stats.isDirectory();
  const kind = directory ? "directory" : "file";
  const href = `./${encodeURIComponent(wellFormed(name))}${directory ? "/" : ""}`;
  const size = directory ? "" : `<span title="${stats.size} bytes">${sizeOf(stats.size)}</span>`;
  const time = stats.mtime.toISOString();
  return `<tr><td class="${kind}"><svg aria-hidden="true"><use href="#${kind}"/></svg><a href="${href}">${escapeHtml(name)}${directory ? "/" : ""}</a></td><td>${size}</td><td><time datetime="${time}">${time.slice(0, 16).replace("T", " ")}</time></td></tr>`;
}

/** A name that is no Unicode has no address; encodeURIComponent would throw over it. */
function wellFormed(name: string): string {
  return name.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB", "PB"];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size < 9.95 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** Drawn, since the letters that look like folders are not in every font. */
const ICONS = `<svg hidden>
<symbol id="file" viewBox="0 0 20 20"><path d="M5 2h7l4 4v12H5z"/><path d="M12 2v4h4"/></symbol>
<symbol id="directory" viewBox="0 0 20 20"><path d="M2 4h6l2 2h8v11H2z"/></symbol>
<symbol id="up" viewBox="0 0 20 20"><path d="M10 17V4M5 9l5-5 5 5"/></symbol>
</svg>`;

const STYLE = `
:root { color-scheme: light dark; --line: #8883; --soft: #8882; --accent: light-dark(#0b57d0, #8ab4f8); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2.5rem auto; max-width: 56rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; }
h1 span, p, time, .up { opacity: .7; font-weight: normal; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-size: .85rem; font-weight: 600; opacity: .7; }
th, td { padding: .4rem .75rem; border-bottom: 1px solid var(--line); }
th:nth-child(2), td:nth-child(2) { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td:nth-child(3) { white-space: nowrap; font-variant-numeric: tabular-nums; width: 1%; }
td:first-child { overflow-wrap: anywhere; }
svg[hidden] { display: none; }
svg { width: 1.15em; height: 1.15em; vertical-align: -.2em; margin-right: .6em; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linejoin: round; opacity: .6; }
td.directory svg { color: var(--accent); fill: currentColor; fill-opacity: .2; opacity: 1; }
tbody tr:hover { background: var(--soft); }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
.directory a { font-weight: 600; }
@media (max-width: 36rem) { td:nth-child(3), th:nth-child(3) { display: none; } }
`;
