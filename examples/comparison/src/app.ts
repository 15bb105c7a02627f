import { status, type App, type HeaderList, type StartResponse } from "@tsgi/core";
import { ALL_BYTES, DOWNLOAD_CHUNKS, downloadChunk, ETAG, EVENTS, LONG_VALUE, pause, sum, UNICODE } from "./data.ts";
import { router, type Handler } from "./router.ts";

// The application on the contract alone. `hono.ts` is the same one in Hono.

const TEXT: HeaderList = [["Content-Type", "text/plain; charset=UTF-8"]];
const JSON_TYPE: HeaderList = [["Content-Type", "application/json"]];

const text = (start: StartResponse, value: string, code = 200): string[] => {
  start(status(code), TEXT);
  return [value];
};
const json = (start: StartResponse, value: unknown, code = 200): string[] => {
  start(status(code), JSON_TYPE);
  return [JSON.stringify(value)];
};

const download: Handler = async function* (_environ, start) {
  start("200 OK", [
    ["Content-Type", "application/octet-stream"],
    ["Content-Disposition", 'attachment; filename="data.bin"'],
  ]);
  for (let i = 0; i < DOWNLOAD_CHUNKS; i++) {
    yield downloadChunk(i);
    await pause(1);
  }
};

const events: Handler = async function* (_environ, start) {
  start("200 OK", [
    ["Content-Type", "text/event-stream"],
    ["Cache-Control", "no-cache"],
  ]);
  for (const [i, event] of EVENTS.entries()) {
    yield `event: tick\ndata: ${event}\nid: ${i}\n\n`;
    await pause(5);
  }
};

const breaking: Handler = async function* (_environ, start) {
  start("200 OK", TEXT);
  yield "the first half, ";
  await pause(20);
  throw new Error("the second half failed");
};

const routes: Readonly<Record<string, Handler>> = {
  "GET /": (_environ, start) => text(start, "Hello\n"),
  "GET /json": (_environ, start) => json(start, { hello: "world", n: [1, 2.5, null] }),
  "POST /json": async (environ, start) => {
    let given: unknown;
    try {
      given = await environ["tsgi.input"].json();
    } catch {
      return json(start, { error: "not JSON" }, 400);
    }
    return json(start, { given }, 201);
  },
  "GET /users/:id": (_environ, start, { id }) => json(start, { id }),
  "GET /users/:id/posts/:post": (_environ, start, { id, post }) => json(start, { id, post }),
  "GET /search": (environ, start) => {
    const query = new URLSearchParams(environ.QUERY_STRING);
    return json(start, { q: query.get("q"), tags: query.getAll("tag") });
  },
  "GET /grüße/世界": (_environ, start) => text(start, UNICODE),
  "GET /cookies": (environ, start) => {
    start("200 OK", [
      ...TEXT,
      ["Set-Cookie", "session=abc; Path=/; HttpOnly; SameSite=Lax"],
      ["Set-Cookie", "theme=dark; Max-Age=3600; Path=/"],
      ["Set-Cookie", "gone=; Max-Age=0; Path=/"],
    ]);
    return [environ.HTTP_COOKIE ?? "none"];
  },
  "GET /redirect": (_environ, start) => {
    start("302 Found", [["Location", "/json?from=redirect"]]);
    return [];
  },
  "POST /redirect": (_environ, start) => {
    start("303 See Other", [["Location", "/"]]);
    return [];
  },
  "GET /error": () => {
    throw new Error("nobody shall read this");
  },
  "GET /error-later": async () => {
    await pause(5);
    throw new Error("nor this");
  },
  "DELETE /users/:id": (_environ, start) => {
    start("204 No Content", []);
    return [];
  },
  "GET /etag": (environ, start) => {
    const headers: HeaderList = [["ETag", ETAG]];
    if (environ.HTTP_IF_NONE_MATCH === ETAG) {
      start("304 Not Modified", headers);
      return [];
    }
    start("200 OK", [...TEXT, ...headers]);
    return ["version 1\n"];
  },
  "POST /form": async (environ, start) => {
    const form = await environ["tsgi.input"].formData();
    return json(start, { name: form.get("name"), tags: form.getAll("tag") });
  },
  "POST /upload": async (environ, start) => {
    const form = await environ["tsgi.input"].formData();
    const file = form.get("file") as File;
    const bytes = new Uint8Array(await file.arrayBuffer());
    return json(start, {
      title: form.get("title"),
      name: file.name,
      type: file.type,
      size: file.size,
      sum: sum(bytes),
    });
  },
  "POST /echo": async (environ, start) => {
    const bytes = await environ["tsgi.input"].bytes();
    start("200 OK", [["Content-Type", environ.CONTENT_TYPE ?? "application/octet-stream"]]);
    return [bytes];
  },
  "POST /echo-stream": (environ, start) => {
    start("200 OK", [["Content-Type", "application/octet-stream"]]);
    return environ["tsgi.input"];
  },
  "POST /unread": (_environ, start) => text(start, "not read\n"),
  "GET /download": download,
  "GET /events": events,
  "GET /breaking": breaking,
  "GET /large-header": (environ, start) => {
    start("200 OK", [...TEXT, ["X-Large", LONG_VALUE]]);
    return [String(environ.HTTP_X_LARGE?.length ?? 0)];
  },
  "GET /binary": (_environ, start) => {
    start("200 OK", [["Content-Type", "application/octet-stream"]]);
    return [ALL_BYTES];
  },
  "GET /headers": (environ, start) =>
    json(start, {
      one: environ.HTTP_X_ONE ?? null,
      accept: environ.HTTP_ACCEPT ?? null,
      host: environ.HTTP_HOST !== undefined,
    }),
  "ALL /method": (environ, start) => text(start, environ.REQUEST_METHOD),
  "GET /status/:code": (_environ, start, { code }) => text(start, `status ${code}`, Number(code)),
  "GET /no-type": (_environ, start) => {
    start("200 OK", []);
    return [new TextEncoder().encode("no type")];
  },
  "GET /empty": (_environ, start) => text(start, ""),
  "GET /slow": async (_environ, start) => {
    await pause(30);
    return text(start, "at last\n");
  },
  "GET /files/*": (environ, start) => text(start, environ.PATH_INFO),
};

export const app: App = router(routes, (_environ, start) => text(start, "404 Not Found", 404));
export default app;
