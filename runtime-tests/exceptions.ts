/** A fault of a runtime that no adapter can mend: the row fails there, and has to; once it passes, the entry must go. */
export interface Exception {
  readonly runtime: "bun" | "deno" | "workerd";
  readonly rows: readonly string[];
  readonly reason: string;
  readonly link: string;
}

const BUN = "https://github.com/oven-sh/bun";
const DENO = "https://github.com/denoland/deno";
const WORKERD = "https://github.com/cloudflare/workerd";

export const exceptions: readonly Exception[] = [
  {
    runtime: "bun",
    rows: [
      "head: leaves at once while a slow first chunk is awaited",
      "head: leaves at once for a stream of events that is silent",
      "head: leaves at once for a ReadableStream that is silent",
      "head: leaves a turn after a late startResponse, counted from that call",
    ],
    reason: "Bun writes the fields of a stream's head at once and the empty line that ends them with the first chunk",
    link: `${BUN}/pull/33660`,
  },
  {
    runtime: "bun",
    rows: ["connection: pipelined requests are answered in order"],
    reason: "Bun closes a connection on which a request comes while the answer before it is awaited",
    link: `${BUN}/pull/38128`,
  },
  {
    runtime: "bun",
    rows: ["input: formData() of a multipart form with a file"],
    reason: "Bun takes a file's type from its name and not from its part",
    link: `${BUN}/issues/39884`,
  },
  {
    runtime: "bun",
    rows: ["environ: REQUEST_URI is the target as it came"],
    reason: "Bun hands over a URL with its dot segments resolved, and the raw target nowhere",
    link: "https://url.spec.whatwg.org/#concept-basic-url-parser",
  },
  {
    runtime: "bun",
    rows: ["wire: chunk extensions (valid/body-chunked-extension)"],
    reason: "Bun refuses a quoted value in a chunk extension",
    link: "https://www.rfc-editor.org/rfc/rfc9112#section-7.1.1",
  },
  {
    runtime: "bun",
    rows: [
      "wire: a chunked body without its final CRLF (invalid/chunk-end-no-final-crlf)",
      "wire: wrong bytes where the body should end (invalid/chunk-end-wrong-bytes)",
      "wire: a trailer of 256 KiB (invalid/trailer-huge)",
    ],
    reason: "Bun takes a chunked body for whole at its last chunk, and refuses what follows only then",
    link: `${BUN}/issues/29732`,
  },
  {
    runtime: "deno",
    rows: [
      "bodiless: a 205 has no body when the app gives a chunk",
      "bodiless: a 205 leaves an endless body unread and closes it once",
    ],
    reason: "Deno sends a 205 without Content-Length and keeps the connection open: the client cannot know its end",
    link: "https://www.rfc-editor.org/rfc/rfc9110#section-15.3.6",
  },
  {
    runtime: "deno",
    rows: ["input: what is no form is a 400 and not a 500"],
    reason: "Deno reads a multipart body without its boundary as an empty form",
    link: "https://www.rfc-editor.org/rfc/rfc7578#section-4.1",
  },
  {
    runtime: "deno",
    rows: ["input: the client leaves while the body is read: it rejects and the signal aborts"],
    reason:
      "Deno aborts the signal of a request that was cut in its body only once the handler is done; the input rejects",
    link: "https://docs.deno.com/go/unstable-no-legacy-abort",
  },
  {
    runtime: "deno",
    rows: ["wire: 150 fields, none lost (valid/header-150-fields)"],
    reason: "Deno refuses more than 100 header fields",
    link: `${DENO}/issues/21047`,
  },
  {
    runtime: "deno",
    rows: ["wire: a chunk size behind a space (invalid/chunk-size-space-before)"],
    reason: "Deno takes a chunk size behind a space",
    link: "https://www.rfc-editor.org/rfc/rfc9112#section-7.1",
  },
  {
    runtime: "deno",
    rows: ["wire: no Host (invalid/host-missing)"],
    reason: "Deno takes a request of HTTP/1.1 without Host, and does not tell it from one of HTTP/1.0",
    link: `${DENO}/issues/26554`,
  },
  {
    runtime: "deno",
    rows: ["wire: a trailer of 256 KiB (invalid/trailer-huge)"],
    reason: "Deno waits for the end of a trailer that is too large, and answers nothing",
    link: "https://www.rfc-editor.org/rfc/rfc9112#section-7.1.2",
  },
  {
    runtime: "deno",
    rows: ["process: after all rows it still serves and has printed nothing"],
    reason: "Deno prints a hint when a handler looks at its signal, and the error by which a stream is broken off",
    link: "https://docs.deno.com/go/unstable-no-legacy-abort",
  },
  {
    runtime: "workerd",
    rows: [
      "clean-up: the client leaves (close) before the app's promise resolves: the signal aborts and the body is cleaned up unread",
      "clean-up: the client leaves (close) with the first pull pending: the signal aborts, return and close once",
      "clean-up: the client leaves (close) with a pull that never settles: the signal aborts, return and close once",
      "clean-up: the client leaves (close) while an async generator awaits what the signal ends",
    ],
    reason: "workerd takes a closed connection for half-closed until it writes to it; a reset it sees at once",
    link: `${WORKERD}/pull/3488`,
  },
  {
    runtime: "workerd",
    rows: ["environ: SERVER_NAME and SERVER_PORT are the listener's whatever Host says"],
    reason: "a Worker does not learn where its server listens: SERVER_NAME and SERVER_PORT are those of the URL",
    link: "https://developers.cloudflare.com/workers/runtime-apis/request/",
  },
  {
    runtime: "workerd",
    rows: ["environ: REMOTE_ADDR and REMOTE_PORT are the peer's"],
    reason: "a Worker learns the client's address from Cloudflare's edge alone: without one both keys are absent",
    link: "https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-connecting-ip",
  },
  {
    runtime: "workerd",
    rows: ["startResponse: latin-1 in a value arrives as the same bytes"],
    reason: "workerd writes field values as UTF-8; bytes that are UTF-8 arrive as they are, other latin-1 does not",
    link: "https://developers.cloudflare.com/workers/runtime-apis/headers/",
  },
  {
    runtime: "workerd",
    rows: ["wire: a chunk extension with a NUL (invalid/chunk-extension-nul)"],
    reason: "workerd takes a NUL in a chunk extension",
    link: "https://www.rfc-editor.org/rfc/rfc9112#section-7.1.1",
  },
  {
    runtime: "workerd",
    rows: ["wire: CONNECT (invalid/connect)"],
    reason: "workerd answers CONNECT with a 500 of its own before the app is asked",
    link: "https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/",
  },
  {
    runtime: "workerd",
    rows: [
      "wire: 2600 fields (invalid/fields-2600)",
      "wire: one field more than the limit (invalid/fields-one-too-many)",
    ],
    reason: "workerd joins repeated fields before anybody can count them; their bytes are counted, and none is lost",
    link: "https://developers.cloudflare.com/workers/runtime-apis/headers/",
  },
  {
    runtime: "workerd",
    rows: [
      "wire: an authority for a target without CONNECT (invalid/target-authority)",
      "wire: a target of another scheme (invalid/target-other-scheme)",
      "wire: a target that is a script (invalid/target-script)",
    ],
    reason: "workerd makes a path of every target and hands over the path alone",
    link: "https://www.rfc-editor.org/rfc/rfc9112#section-3.2",
  },
  {
    runtime: "workerd",
    rows: ["process: after all rows it still serves and has printed nothing"],
    reason: "workerd prints the error by which a stream is broken off, and a CONNECT",
    link: `${WORKERD}/issues`,
  },
];
