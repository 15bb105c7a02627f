import { expect, test } from "vitest";
import { InputError, toFetch, type App, type Body } from "@tsgi/core";
import { accessLog } from "../src/access-log.ts";

/** Serves one request in memory: the answer's text, and the lines that the log got. */
async function serve(app: App, init: RequestInit & { path?: string } = {}) {
  const lines: string[] = [];
  const errors: string[] = [];
  const handler = toFetch(accessLog((line) => lines.push(line))(app), {
    environ: () => ({ REMOTE_ADDR: "127.0.0.1" }),
    errorLog: { write: (text) => errors.push(text), flush: () => {} },
  });
  const answer = await handler(new Request(`http://localhost${init.path ?? "/"}`, init));
  const text = await answer.text().catch(() => "broken");
  return { answer, text, lines, errors };
}

/** The end of the one line that is expected: request, status, size. */
function tail(lines: string[]): string {
  expect(lines).toHaveLength(1);
  return lines[0].slice(lines[0].indexOf("] ") + 2);
}

const plain = (body: Body): App => {
  return (_environ, startResponse) => {
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    return body;
  };
};

test("a line is wsgiref's: who, when, request line, status, bytes", async () => {
  const { lines } = await serve(plain(["Hello world!"]), { path: "/foo/bar?baz=bat" });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^127\.0\.0\.1 - - \[\d\d\/[A-Z][a-z]{2}\/\d{4} \d\d:\d\d:\d\d\] "GET \/foo\/bar\?baz=bat HTTP\/1\.1" 200 12$/,
  );
});

test.each<[string, Body, number]>([
  ["text of more than one byte a character", ["héllo €"], 10],
  ["bytes", [new Uint8Array(5)], 5],
  ["nothing", [], 0],
  ["several chunks", ["ab", "", "cde"], 5],
  [
    "a generator",
    (function* () {
      yield "ab";
      yield "c";
    })(),
    3,
  ],
  [
    "an async generator",
    (async function* () {
      yield "ab";
      yield "c";
    })(),
    3,
  ],
])("counts the bytes of %s", async (_what, body, size) => {
  const { lines } = await serve(plain(body));
  expect(tail(lines)).toBe(`"GET / HTTP/1.1" 200 ${size}`);
});

test("one chunk in an array keeps its Content-Length", async () => {
  const { answer } = await serve(plain(["Hello"]));
  expect(answer.headers.get("content-length") ?? "5").toBe("5");
  let seen: unknown;
  const body = ["Hello"];
  const outer: App = async (environ, start) => (seen = await accessLog(() => {})(plain(body))(environ, start));
  await serve(outer);
  expect(seen).toBe(body);
});

test("counts what is written before the body", async () => {
  const app: App = (_environ, startResponse) => {
    const write = startResponse("200 OK", []);
    void write("1234");
    return ["56"];
  };
  const { text, lines } = await serve(app);
  expect(text).toBe("123456");
  expect(tail(lines)).toBe('"GET / HTTP/1.1" 200 6');
});

test("an answer without a body counts none", async () => {
  expect(tail((await serve(plain(["Hello"]), { method: "HEAD" })).lines)).toBe('"HEAD / HTTP/1.1" 200 0');
  const gone: App = (_environ, startResponse) => {
    startResponse("204 No Content", []);
    return ["Hello"];
  };
  expect(tail((await serve(gone)).lines)).toBe('"GET / HTTP/1.1" 204 0');
});

test("hands error on: a replaced head is the one that is logged", async () => {
  const app: App = (_environ, startResponse) => {
    startResponse("200 OK", []);
    startResponse("503 Service Unavailable", [], new Error("no"));
    return ["busy"];
  };
  const { answer, lines } = await serve(app);
  expect(answer.status).toBe(503);
  expect(tail(lines)).toBe('"GET / HTTP/1.1" 503 4');
});

test.each<[string, App]>([
  [
    "throws",
    () => {
      throw new Error("boom");
    },
  ],
  [
    "rejects",
    async () => {
      throw new Error("boom");
    },
  ],
  [
    "is a generator that throws first",
    function* () {
      throw new Error("boom");
    },
  ],
  ["never calls startResponse", () => ["lost"]],
  ["returns a bare string", plain("text" as unknown as Body)],
  ["returns chunks that are none", plain([42] as unknown as Body)],
])("an app that %s is a 500 of unknown size", async (_what, app) => {
  const { answer, lines, errors } = await serve(app);
  expect(answer.status).toBe(500);
  expect(errors).toHaveLength(1);
  expect(tail(lines)).toBe('"GET / HTTP/1.1" 500 -');
});

test("an error of the request body has its own status", async () => {
  const app: App = () => {
    throw new InputError(413, "too large");
  };
  const { answer, lines } = await serve(app);
  expect(answer.status).toBe(413);
  expect(tail(lines)).toBe('"GET / HTTP/1.1" 413 -');
});

test("an error in the middle leaves status and bytes as they were sent", async () => {
  const app: App = function* (_environ, startResponse) {
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    yield "some";
    throw new Error("boom");
  };
  const { text, lines } = await serve(app);
  expect(text).toBe("broken");
  expect(tail(lines)).toBe('"GET / HTTP/1.1" 200 4');
});

test("the app's own close is called once, and the line comes after it", async () => {
  const seen: string[] = [];
  const body = Object.assign(["a", "b"], { close: () => void seen.push("close") });
  const handler = toFetch(accessLog((line) => seen.push(line))(plain(body)));
  await (await handler(new Request("http://localhost/"))).text();
  expect(seen).toHaveLength(2);
  expect(seen[0]).toBe("close");
});

test("what a client sends cannot break a line or reach a terminal", async () => {
  const lines: string[] = [];
  const app: App = (environ, startResponse) => {
    environ.REQUEST_URI = '/a"b\\c\n\u001b[31m\u00e9\u009b';
    environ.REMOTE_ADDR = "1.2.3.4\r\n";
    return accessLog((line) => lines.push(line))(plain(["x"]))(environ, startResponse);
  };
  await toFetch(app)(new Request("http://localhost/"));
  expect(tail(lines)).toBe(String.raw`"GET /a\"b\\c\x0a\x1b[31m\xe9\x9b HTTP/1.1" 200 1`);
  expect(lines[0]).toMatch(/^1\.2\.3\.4\\x0d\\x0a - - /);
});
