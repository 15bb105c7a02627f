import type { Row } from "../row.ts";
import { equal, excludes, includes, ok } from "../check.ts";
import { json, sleep, text } from "../bodies.ts";
import { note } from "../observe.ts";

// The keys of an environ, and the dictionary that it is. The operations run in the server's process and are reported as
// JSON: the same on every runtime.

export const environ: readonly Row[] = [
  [
    "environ: the CGI keys of a request",
    (environ, start) => {
      const {
        REQUEST_METHOD,
        SCRIPT_NAME,
        PATH_INFO,
        QUERY_STRING,
        CONTENT_TYPE,
        CONTENT_LENGTH,
        HTTP_HOST,
        HTTP_ACCEPT,
      } = environ;
      return json(start, {
        REQUEST_METHOD,
        SCRIPT_NAME,
        PATH_INFO,
        QUERY_STRING,
        CONTENT_TYPE,
        CONTENT_LENGTH,
        HTTP_HOST,
        HTTP_ACCEPT,
      });
    },
    async (t) => {
      const answer = await t.ask({
        method: "POST",
        target: "/a%20b/c?d=e%20f",
        headers: ["Content-Type: text/x; a=b", "Accept: */*"],
        body: "12345",
      });
      equal(
        answer.json(),
        {
          REQUEST_METHOD: "POST",
          SCRIPT_NAME: "",
          PATH_INFO: "/a b/c",
          QUERY_STRING: "d=e%20f",
          CONTENT_TYPE: "text/x; a=b",
          CONTENT_LENGTH: "5",
          HTTP_HOST: t.host,
          HTTP_ACCEPT: "*/*",
        },
        "keys",
      );
    },
    "RFC 3875 4.1",
  ],
  [
    "environ: REQUEST_URI is the target as it came",
    (environ, start) => json(start, environ.REQUEST_URI),
    async (t) => {
      for (const target of ["/a/../b", "/a%2e%2E/%C4%8D?x=%20", "//x//y?", "/?", "/"])
        equal((await t.ask({ target })).json(), target, "REQUEST_URI");
    },
  ],
  [
    "environ: SERVER_NAME and SERVER_PORT are the listener's whatever Host says",
    (environ, start) => json(start, [environ.SERVER_NAME, environ.SERVER_PORT]),
    async (t) => {
      for (const host of [t.host, "evil.test", "evil.test:9999", "[::1]:7"]) {
        const [name, port] = (await t.ask({ host })).json<string[]>();
        equal([["127.0.0.1", "localhost"].includes(name), port], [true, String(t.port)], "SERVER_NAME and SERVER_PORT");
      }
    },
    "RFC 3875 4.1.14",
  ],
  [
    "environ: SERVER_PROTOCOL is the request's",
    (environ, start) => json(start, environ.SERVER_PROTOCOL),
    async (t) => equal((await t.ask()).json(), "HTTP/1.1", "SERVER_PROTOCOL"),
  ],
  [
    "environ: REMOTE_ADDR and REMOTE_PORT are the peer's",
    (environ, start) => json(start, [environ.REMOTE_ADDR, /^[0-9]+$/.test(environ.REMOTE_PORT ?? "")]),
    async (t) => equal((await t.ask()).json(), ["127.0.0.1", true], "peer"),
    "RFC 3875 4.1.8",
  ],
  [
    "environ: REMOTE_ADDR cannot be chosen by the client",
    (environ, start) => json(start, environ.REMOTE_ADDR === undefined || environ.REMOTE_ADDR === "127.0.0.1"),
    async (t) => {
      const headers = [
        "X-Forwarded-For: 6.6.6.6",
        "X-Real-IP: 6.6.6.6",
        "Forwarded: for=6.6.6.6",
        "Remote-Addr: 6.6.6.6",
      ];
      equal((await t.ask({ headers })).json(), true, "REMOTE_ADDR is the peer's or absent");
    },
    "CVE-2026-32762",
  ],
  [
    "environ: the tsgi keys have their types",
    (environ, start) =>
      json(start, {
        version: environ["tsgi.version"],
        scheme: environ["tsgi.url_scheme"],
        multithread: environ["tsgi.multithread"],
        multiprocess: environ["tsgi.multiprocess"],
        runOnce: environ["tsgi.run_once"],
        runtime: typeof environ["tsgi.runtime"],
        input: typeof environ["tsgi.input"][Symbol.asyncIterator],
        errors: [typeof environ["tsgi.errors"].write, typeof environ["tsgi.errors"].flush],
        signal: environ["tsgi.signal"] instanceof AbortSignal,
        native: typeof environ["tsgi.native"],
        waits: ["undefined", "function"].includes(typeof environ["tsgi.wait_until"]),
        wraps: ["undefined", "function"].includes(typeof environ["tsgi.file_wrapper"]),
      }),
    async (t) =>
      equal(
        (await t.ask()).json(),
        {
          version: [1, 0],
          scheme: "http",
          multithread: false,
          multiprocess: false,
          runOnce: false,
          runtime: "string",
          input: "function",
          errors: ["function", "function"],
          signal: true,
          native: "object",
          waits: true,
          wraps: true,
        },
        "keys",
      ),
  ],
  [
    "environ: what is written to tsgi.errors reaches the log",
    (environ, start) => {
      environ["tsgi.errors"].write(`noted about ${environ.PATH_INFO}\n`);
      environ["tsgi.errors"].flush();
      text(start);
      return ["written"];
    },
    async (t) => {
      await t.ask();
      includes(await t.errors("noted about"), "noted about", "errors");
    },
    "PEP 3333 Input and Error Streams",
  ],
  [
    "environ: tsgi.wait_until, where there is one, lets work outlive the answer",
    (environ, start) => {
      const work = sleep(120).then(() => note(environ, "done"));
      if (environ["tsgi.wait_until"] === undefined) void work;
      else environ["tsgi.wait_until"](work);
      text(start);
      return ["answered"];
    },
    async (t) => {
      equal((await t.ask()).text, "answered", "body");
      equal(await t.until(["done"]), ["done"], "log");
    },
  ],
  [
    "environ: a rejection given to tsgi.wait_until harms nobody",
    (environ, start) => {
      environ["tsgi.wait_until"]?.(Promise.reject(new Error("background work failed")));
      text(start);
      return ["answered"];
    },
    async (t) => {
      equal((await t.ask()).text, "answered", "body");
      await t.sleep(30);
      equal((await t.ask()).text, "answered", "body of another request");
    },
  ],
  [
    "environ: tsgi.request is a genuine Request",
    async (environ, start) => {
      const request = environ["tsgi.request"];
      const copy = request.clone();
      const again = new Request(copy, { headers: { "x-new": "1" } });
      return json(start, {
        genuine: request instanceof Request,
        same: environ["tsgi.request"] === request,
        method: request.method,
        url: request.url,
        header: request.headers.get("x-one"),
        copied: [copy.method, copy.headers.get("x-one")],
        again: again.headers.get("x-new"),
        body: await request.text(),
      });
    },
    async (t) =>
      equal(
        (await t.ask({ method: "POST", target: "/p?q=1", headers: ["X-One: 1"], body: "sent" })).json(),
        {
          genuine: true,
          same: true,
          method: "POST",
          url: `http://${t.host}/p?q=1`,
          header: "1",
          copied: ["POST", "1"],
          again: "1",
          body: "sent",
        },
        "request",
      ),
    "Fetch standard",
  ],
  [
    "environ: no global is patched",
    (_environ, start) =>
      json(
        start,
        ["Request", "Response", "Headers", "fetch", "AbortController", "ReadableStream"].map(
          (name) =>
            Function.prototype.toString.call((globalThis as unknown as Record<string, () => void>)[name]).length > 0,
        ),
      ),
    async (t) => equal((await t.ask()).json(), [true, true, true, true, true, true], "globals"),
  ],
  [
    "environ: a header value of UTF-8 is one character a byte",
    (environ, start) =>
      json(
        start,
        [...String(environ.HTTP_X_NAME)].map((char) => char.charCodeAt(0)),
      ),
    async (t) => {
      const answer = await t.ask({ headers: ["X-Name: \xc4\x8d"] });
      equal(answer.json(), [0xc4, 0x8d], "characters");
    },
    "RFC 9110 5.5",
  ],
  [
    "environ: a log line of the app cannot be forged by a path",
    (environ, start) => json(start, [environ.PATH_INFO, decodeURIComponent("%0d%0a") in environ]),
    async (t) => {
      const answer = await t.ask({ target: "/a%0d%0aX-Evil:%201" });
      equal(answer.json(), ["/a\r\nX-Evil: 1", false], "PATH_INFO");
      equal(answer.header("x-evil"), undefined, "X-Evil");
      excludes(JSON.stringify(answer.headers), "Evil", "headers");
      ok(answer.whole, "the answer is whole");
    },
  ],
];
