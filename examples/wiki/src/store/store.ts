/** A page as it is kept. */
export interface Page {
  readonly text: string;
  /** Tells one text from another: who saves says which version they began with. */
  readonly version: string;
}

/** Where pages are kept. */
export interface Store {
  read(name: string): Promise<Page | undefined>;
  /**
   * Saves a page, unless somebody else has saved it meanwhile.
   *
   * @param version of the page that the text began as; "" for a new one
   * @returns whether it was saved
   */
  write(name: string, text: string, version: string): Promise<boolean>;
  /** The names of all pages, in order. */
  list(): Promise<string[]>;
}

/**
 * Letters, digits, and single spaces, underscores and hyphens between them: neither a path nor a hidden file can be
 * written so, on any system.
 */
const NAME = /^[\p{L}\p{N}\p{M}]+(?:[ _-][\p{L}\p{N}\p{M}]+)*$/u;
/** File systems end at 255 bytes. */
const LONGEST = 80;
/** Names that Windows keeps for its devices, whatever comes behind. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/** The page name that a text means; `undefined` for one that no page can have. */
export function pageName(text: string): string | undefined {
  const name = text.normalize("NFC").trim();
  const good = NAME.test(name) && new TextEncoder().encode(name).length <= LONGEST && !DEVICE.test(name);
  return good ? name : undefined;
}

export async function versionOf(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash, 0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One kind of line end, where browsers send CRLF, and one at the end; none at the beginning, where HTML forms lose it. */
export function cleanText(text: string): string {
  return `${text.replace(/\r\n?/g, "\n").replace(/^\n+/, "").trimEnd()}\n`;
}

export function inOrder(names: string[]): string[] {
  return names.sort((a, b) => a.localeCompare(b, "en"));
}
