import type { Seen } from "./client.ts";

/** What may differ between two right answers, and why. Everything else has to be the same on every runtime. */
export const PERMITTED: readonly { readonly what: string; readonly why: string }[] = [
  { what: "the reason phrase", why: "Bun and Deno send their own; RFC 9112 4 tells clients to ignore it" },
  {
    what: "the order and letter case of header names",
    why: "names are case-insensitive and Fetch runtimes sort them (RFC 9110 5.1, 5.3)",
  },
  { what: "Date", why: "the time of day; a server may leave it out only without a clock (RFC 9110 6.6.1)" },
  { what: "Connection and Keep-Alive", why: "they belong to one connection, which is the runtime's (RFC 9110 7.6.1)" },
  {
    what: "a repeated field or its values joined by a comma, but for Set-Cookie",
    why: "they mean the same (RFC 9110 5.3); Bun joins all, workerd those that it knows as lists",
  },
  {
    what: "Content-Length or chunked for a body whose length the app does not declare, and on Bun for a stream whose length it does",
    why: "both say where the body ends (RFC 9112 6.3); Bun counts a stream that is whole by the time it is sent",
  },
  { what: "a request that is refused", why: "the runtime's own parser may answer with its own words or close at once" },
  {
    what: "an answer that is broken off",
    why: "how much of it had left is a matter of buffers; that it can be told from a whole one is not",
  },
];

const DROPPED = new Set(["date", "connection", "keep-alive"]);

/** Whether a field only says where a body ends that has been seen to end there. */
function isFraming(name: string, value: string, length: number): boolean {
  return name === "transfer-encoding" || (name === "content-length" && value === String(length));
}

/** An answer in the form in which runtimes are compared. */
export function canonical(seen: Seen, own: readonly (readonly [text: string, name: string])[]): string {
  const { answer, verdict } = seen;
  if (verdict.kind === "permitted") return `permitted: ${verdict.reason}`;
  if (verdict.kind !== "answer") return verdict.kind;
  const fields = new Map<string, string>();
  for (const [given, value] of answer.headers) {
    const name = given.toLowerCase();
    if (DROPPED.has(name) || isFraming(name, value, answer.body.length)) continue;
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}${name === "set-cookie" ? "\n  " : ", "}${value}`);
  }
  const headers = [...fields].map(([name, value]) => `${name}: ${value}`).sort();
  const body = Buffer.from(answer.body).toString("latin1");
  const lines = [`${answer.status}`, ...headers, "", body, answer.whole ? "" : "(cut short)"].join("\n");
  // what belongs to this run alone: its port, its path
  return own.reduce((text, [found, name]) => text.replaceAll(found, name), lines);
}
