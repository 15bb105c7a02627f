// What the tour's pages have in common.

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text made safe inside an element and inside a quoted attribute. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]);
}

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 1rem/1.55 system-ui, sans-serif; max-width: 48rem; margin: 3rem auto; padding: 0 1.25rem; }
  h1 { font-size: 1.6rem; line-height: 1.2; }
  h2 { font-size: 1.05rem; margin-top: 2rem; }
  a { color: light-dark(#0b57d0, #8ab4f8); }
  code, td, th, output { font-family: ui-monospace, monospace; font-size: 0.9rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.75rem 0.3rem 0; border-top: 1px solid #8884; }
  th { font-weight: 600; white-space: nowrap; width: 1%; }
  td { overflow-wrap: anywhere; }
  dt { margin-top: 1rem; font-weight: 600; }
  dd { margin: 0; }
  output { font-size: 1.5rem; }
  footer { margin-top: 3rem; font-size: 0.85rem; opacity: 0.75; }
`;

/**
 * A whole HTML page.
 *
 * @param title plain text
 * @param content HTML, with everything from outside escaped
 */
export function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(title)}</h1>
${content}
</body>
</html>
`;
}

export const HTML: [name: string, value: string] = ["Content-Type", "text/html; charset=utf-8"];
