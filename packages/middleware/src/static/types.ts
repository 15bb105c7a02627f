import { lookup } from "mrmime";

/** Text in UTF-8 by the web's own convention, JSON excepted: it has no charset parameter (RFC 8259 11). */
const TEXT = /^text\/|^(?:application|image)\/(?:javascript|xml|xhtml\+xml|svg\+xml|rss\+xml|atom\+xml)$/;

/** The Content-Type of a file, by its name. */
export function typeOf(name: string): string {
  const type = lookup(name) ?? "application/octet-stream";
  return TEXT.test(type) ? `${type}; charset=utf-8` : type;
}

const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

/** The encodings that a client takes, best first, with the suffix of a file that has it (RFC 9110 12.5.3). */
export function encodingsFor(accept: string | undefined): (readonly [encoding: string, suffix: string])[] {
  if (accept === undefined) return [];
  const weights = new Map<string, number>();
  for (const part of accept.toLowerCase().split(",")) {
    const [name, ...parameters] = part.split(";").map((word) => word.trim());
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(name, q === undefined ? 1 : Number(q.slice(2)));
  }
  const weight = (name: string): number => weights.get(name) ?? weights.get("*") ?? 0;
  return ENCODINGS.filter(([name]) => weight(name) > 0).sort(([a], [b]) => weight(b) - weight(a));
}
