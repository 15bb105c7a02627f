import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RUNTIMES } from "../../../tools/runtimes.mjs";
import { run, start, type Started } from "./started.ts";

const SECRET = "a-secret-of-the-environment-1f3a";
const NATIVE: Record<string, string> = { node: "node", bun: "bun", deno: "deno", workers: "workerd" };

describe.each(RUNTIMES)("npm start on %s", (runtime) => {
  let server: Started;

  beforeAll(async () => {
    server = await start(runtime, { TSGI_TEST_SECRET: SECRET });
  });
  afterAll(async () => {
    await server.end();
  });

  const get = async (path: string, init: RequestInit = {}): Promise<{ status: number; type: string; text: string }> => {
    const answer = await fetch(server.url + path, init);
    return { status: answer.status, type: answer.headers.get("content-type") ?? "", text: await answer.text() };
  };
  const line = (request: string, status: number, size: string | number): Promise<RegExpExecArray> =>
    server.says(
      new RegExp(
        String.raw`^(?:127\.0\.0\.1|-) - - \[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] "${request}" ${status} ${size}$`,
        "m",
      ),
    );

  test("the first page names the runtime and every stop answers", async () => {
    const index = await get("/");
    expect(index).toMatchObject({ status: 200, type: "text/html; charset=utf-8" });
    expect(index.text).toContain(`<code>${NATIVE[runtime]}</code>`);
    const stops = [...index.text.matchAll(/<a href="([^"]+)"/g)].map(([, path]) => path);
    expect(stops).toHaveLength(7);
    for (const path of stops.filter((stop) => stop !== "/clock")) expect((await get(path)).status, path).toBe(200);
  });

  test("the two hellos, and a line of the log for each", async () => {
    expect(await get("/hello")).toMatchObject({ status: 200, text: "Hello World" });
    expect(await get("/generator")).toMatchObject({ status: 200, text: "Hello world!" });
    await line("GET /hello HTTP/1.1", 200, 11);
    await line("GET /generator HTTP/1.1", 200, 12);
  });

  test("one request, one line", async () => {
    for (const n of [1, 2, 3]) await get(`/hello?once=${n}`);
    await line("GET /hello\\?once=3 HTTP/1.1", 200, 11);
    expect(server.output().match(/once=/g)).toHaveLength(3);
  });

  test("the environ as JSON", async () => {
    const { status, type, text } = await get("/environ.json/some/path?color=blue", { headers: { "X-Colour": "red" } });
    expect({ status, type }).toEqual({ status: 200, type: "application/json" });
    expect(JSON.parse(text)).toMatchObject({
      REQUEST_METHOD: "GET",
      SCRIPT_NAME: "/environ.json",
      PATH_INFO: "/some/path",
      QUERY_STRING: "color=blue",
      HTTP_X_COLOUR: "red",
      HTTP_HOST: server.url.slice("http://".length),
      "tsgi.runtime": NATIVE[runtime],
      "tsgi.url_scheme": "http",
      "tsgi.bindings": "[not shown]",
      "tsgi.native": "[not shown]",
    });
  });

  test("the environ as a page shows what the client sent, escaped", async () => {
    const { text } = await get("/environ/x", { headers: { "X-Colour": "<script>alert(1)</script>" } });
    expect(text).toContain("<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>");
    expect(text).not.toContain("<script>");
  });

  test.each(["/environ", "/environ.json"])("%s shows no secret of the process and no credentials", async (path) => {
    const headers = {
      Authorization: "Bearer my-token",
      Cookie: "session=my-cookie",
      "Proxy-Authorization": "my-proxy",
    };
    const { status, text } = await get(path, { headers });
    expect(status).toBe(200);
    expect(text).toContain("[not shown]");
    for (const secret of [SECRET, "my-token", "my-cookie", "my-proxy"]) expect(text).not.toContain(secret);
  });

  test("the routed app: parameters, a form, not found, method not allowed", async () => {
    expect(await get("/routes/hello/%3Cb%3EAda")).toMatchObject({ status: 200 });
    expect((await get("/routes/hello/%3Cb%3EAda")).text).toContain("<h1>Hello, &lt;b&gt;Ada!</h1>");
    expect((await get("/routes/add/2/40")).text).toBe("2 + 40 = 42\n");
    const form = { method: "POST", body: new URLSearchParams({ text: "<b>quiet" }) };
    expect((await get("/routes/shout", form)).text).toContain("<p>&lt;B&gt;QUIET</p>");
    expect((await get("/routes/nowhere")).status).toBe(404);
    const refused = await fetch(`${server.url}/routes/shout`);
    await refused.text();
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("the clock ticks, and its log line comes when the client leaves", async () => {
    const leaving = new AbortController();
    const answer = await fetch(`${server.url}/clock?left`, { signal: leaving.signal });
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    while (text.split("\n\n").length < 3) text += new TextDecoder().decode((await reader.read()).value);
    expect(text).toMatch(/^data: \d{4}-\d\d-\d\dT[\d:.]+Z\n\ndata: /);
    expect(server.output()).not.toContain("clock?left");
    leaving.abort();
    await line("GET /clock\\?left HTTP/1.1", 200, "\\d+");
  });

  test("hostile text is escaped in the log: one line, no terminal codes", async () => {
    const { hostname, port } = new URL(server.url);
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.once("error", reject);
      socket.once("close", () => resolve());
      socket.resume();
      socket.end(`GET /evil"\\%0a%1b[31m HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
    });
    await get("/hello?after");
    await line("GET /hello\\?after HTTP/1.1", 200, 11);
    // Bun makes a URL of the target, which encodes the quote and takes a backslash for a slash
    const target = runtime === "bun" ? "/evil%22/%0a%1b[31m" : String.raw`/evil\"\\%0a%1b[31m`;
    expect(server.output()).toContain(`"GET ${target} HTTP/1.1" 404 `);
    // oxlint-disable-next-line no-control-regex
    expect(server.output()).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  });

  test("a taken port is one clear line and exit status 1", async () => {
    const port = new URL(server.url).port;
    expect(await run("--runtime", runtime, "--port", port)).toEqual({
      code: 1,
      stdout: "",
      stderr: `hello: port ${port} of 127.0.0.1 is taken; choose another with --port\n`,
    });
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s ends it with status 0, and nothing listens any more",
    async (signal) => {
      const other = await start(runtime);
      expect(await (await fetch(`${other.url}/hello`)).text()).toBe("Hello World");
      expect(await other.end(signal)).toBe(0);
      await expect(fetch(`${other.url}/hello`)).rejects.toThrow("fetch failed");
    },
  );

  test("a clock that runs does not keep it from ending", async () => {
    const other = await start(runtime);
    const answer = await fetch(`${other.url}/clock`);
    const broken = answer.text().then(
      () => "whole",
      () => "broken",
    );
    expect(await other.end()).toBe(0);
    expect(await broken).toBe("broken");
  });
});
