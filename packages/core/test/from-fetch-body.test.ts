import { describe, expect, it } from "vitest";
import { urlmap } from "../src/compose/urlmap.ts";
import { fromFetch, type FetchHandler } from "../src/fetch/from-fetch.ts";
import { toFetch } from "../src/fetch/to-fetch.ts";

// On Deno and workerd a handler that answered with the body of its Request, or with a stream that was to read it, gave an
// empty or a broken answer: what looked unread was taken in before the answer went out, so that the connection could
// serve another request. Bodies of unknown length were lost in every such handler, others where the read came later.

const encoder = new TextEncoder();

/** A POST as Deno hands it over: without a length its body is counted on the way to the handler. */
function post(path: string, length: boolean): Request {
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (const part of ["one ", "two ", "three"]) {
        controller.enqueue(encoder.encode(part));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      controller.close();
    },
  });
  const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
  if (length) init.headers = { "Content-Length": "13" };
  return new Request(`http://test.example${path}`, init);
}

const upper = (): TransformStream<Uint8Array, Uint8Array> =>
  new TransformStream({
    transform: (chunk, controller) => controller.enqueue(encoder.encode(new TextDecoder().decode(chunk).toUpperCase())),
  });
const later = (request: Request, type?: string): Response =>
  new Response(
    new ReadableStream({
      async start(controller) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.enqueue(encoder.encode(await request.text()));
        controller.close();
      },
    }),
    type === undefined ? {} : { headers: { "Content-Type": type } },
  );

const handlers: [string, FetchHandler, string][] = [
  ["the body itself", (request) => new Response(request.body), "one two three"],
  [
    "the body under a type",
    (request) => new Response(request.body, { headers: { "Content-Type": "a/b" } }),
    "one two three",
  ],
  ["the body through a transform", (request) => new Response(request.body?.pipeThrough(upper())), "ONE TWO THREE"],
  ["a stream that reads it later", (request) => later(request), "one two three"],
  ["a typed stream that reads it later", (request) => later(request, "text/plain"), "one two three"],
  ["what it has read", async (request) => new Response(await request.text()), "one two three"],
  ["a copy of what it has read", async (request) => new Response(await request.clone().text()), "one two three"],
  ["something else", () => new Response("else"), "else"],
];

describe.each([
  ["of known length", true],
  ["of unknown length", false],
])("a request body %s, and an answer that is", (_name, length) => {
  it.each(handlers)("%s", async (_answer, handler, wanted) => {
    const direct = await toFetch(fromFetch(handler))(post("/", length));
    expect([direct.status, await direct.text()]).toEqual([200, wanted]);
    const mounted = await toFetch(urlmap({ "/mount": fromFetch(handler) }))(post("/mount/x", length));
    expect([mounted.status, await mounted.text()]).toEqual([200, wanted]);
  });
});

// Under a mount the Request is made anew, and to make it the signal was asked for: from then on the answer was watched to
// its end, and on workerd went out in chunks, without its length.
it("under a mount an unchanged Response goes out as it came", async () => {
  const response = new Response("x");
  const got = await toFetch(urlmap({ "/mount": fromFetch(() => response) }))(new Request("http://test.example/mount/"));
  expect(got).toBe(response);
});
