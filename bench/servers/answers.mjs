// What every server answers, in one place, so that all of them send the same bytes. Neutral: workerd reads it too.

export const HELLO = "Hello World";

/** The text of `route`: everything that a server has to read of the request. */
export function profile(id, page, sort, language, cookie, agent) {
  return `user ${id}, page ${page} by ${sort}, ${language.length} ${cookie.length} ${agent.length}`;
}

/** The four header fields of `route`, in lower case as every server takes them, and its two cookies. */
export const ROUTE_HEADERS = {
  "content-type": "text/plain",
  "cache-control": "no-store",
  vary: "Cookie",
  "x-frame-options": "DENY",
};
export const ROUTE_COOKIES = ["session=8f3c; Path=/; HttpOnly", "theme=dark; Path=/"];

/** How a server that has no router reads the path of `route`. */
export const ROUTE = /^\/users\/([^/]+)$/;

/** `stream`: 100 chunks of 1 KiB that are at hand, or come one at a time. */
export const STREAM_CHUNKS = 100;
export const STREAM_CHUNK = new TextEncoder().encode("0123456789abcde\n".repeat(64));

export function* chunks() {
  for (let i = 0; i < STREAM_CHUNKS; i++) yield STREAM_CHUNK;
}

export async function* laterChunks() {
  for (let i = 0; i < STREAM_CHUNKS; i++) yield STREAM_CHUNK;
}

/** `download`: chunks of 64 KiB. */
export const DOWNLOAD_CHUNK = new Uint8Array(65536).fill(46);

export function* blocks(count) {
  for (let i = 0; i < count; i++) yield DOWNLOAD_CHUNK;
}

/** An iterator as the body of a Response, one chunk a pull: `new Response(asStream(chunks()))`. */
export function asStream(iterable) {
  if (iterable[Symbol.asyncIterator] !== undefined) {
    const iterator = iterable[Symbol.asyncIterator]();
    return new ReadableStream({
      async pull(controller) {
        const { value, done } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void iterator.return?.(),
    });
  }
  const iterator = iterable[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { value, done } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** How many bytes a stream has. */
export async function countBytes(stream) {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.byteLength;
  return bytes;
}

/** `idle`: the one event that is sent before the silence. */
export const EVENT = "data: hello\n\n";

/**
 * A stream of events that says EVENT and then nothing until the client leaves.
 *
 * @param beat a timer of so many milliseconds, for workerd: it takes for hung what waits for nothing
 */
export function silence(beat = 0) {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(EVENT));
      if (beat > 0) setInterval(() => {}, beat);
    },
  });
}

/** `filters`: how many layers stand around hello unless the option says otherwise. */
export const layersOf = (option) => Number(option || 10);

/** `mounts`: the paths of so many apps; the request goes to the one in the middle. */
export const mountPaths = (count) => Array.from({ length: count }, (_, i) => `/mount${i}`);
export const mountAsked = (count) => `/mount${Math.floor(count / 2)}/page`;
