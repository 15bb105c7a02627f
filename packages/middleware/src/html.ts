const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]);
}

/** Whether a client would rather read HTML: it says so, as browsers do, and programs do not. */
export function wantsHtml(accept: string | undefined): boolean {
  return /(?:^|[,\s])text\/html(?![^,]*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(accept ?? "");
}
