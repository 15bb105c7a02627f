import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { runtimes, type Started } from "@tsgi/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const PUBLIC = new URL("fixtures/public/", import.meta.url);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Exactly what is written, over a socket: fetch would resolve the dots of a path. */
function raw(url: string, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () =>
      socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    socket.on("data", (data: Buffer) => (text += data.toString()));
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
}

/** Waits for a line of the process. */
async function line(server: Started, expected: string): Promise<void> {
  for (const deadline = Date.now() + 10_000; !server.output().includes(expected);) {
    if (Date.now() > deadline) throw new Error(`no ${JSON.stringify(expected)} in ${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe.each(runtimes().map((runtime) => [runtime.name, runtime] as const))("on %s", (name, runtime) => {
  const hasFiles = name !== "workerd";
  let server: Started;
  beforeAll(async () => {
    server = await runtime.start(here(hasFiles ? "fixtures/files.mjs" : "fixtures/app.mjs"));
  });
  afterAll(() => server.stop());

  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(server.url + path, { headers: { "User-Agent": `test "${name}"`, ...headers }, redirect: "manual" });

  test("the access log has a line for each request, once its body is over", async () => {
    expect(await (await ask("/stream")).text()).toBe("one two three");
    await line(server, `log: GET /stream 200 13 "test \\"${name}\\""\n`);
    const answer = await ask("/fetch");
    expect([answer.status, await answer.text()]).toEqual([201, "from fetch"]);
    await line(server, "log: GET /fetch 201 10 ");
    expect((await ask("/none")).status).toBe(404);
    await line(server, "log: GET /none 404 ");
  });

  test("the error page shows the error, and the log has it too", async () => {
    const answer = await ask("/fails/now", { Accept: "text/html" });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([500, "text/html; charset=utf-8"]);
    expect(await answer.text()).toContain("<h1>Error: broken at /now</h1>");
    expect(await (await ask("/fails")).text()).toMatch(/^Error: broken at/);
    await line(server, "log: GET /fails/now 500 ");
  });

  if (!hasFiles) return; // a Worker has no files
  test("files: whole, in part, not again, and nothing outside", async () => {
    const text = await readFile(new URL("hello.txt", PUBLIC), "utf8");
    const whole = await ask("/static/hello.txt");
    expect([whole.status, await whole.text()]).toEqual([200, text]);
    expect(whole.headers.get("content-length")).toBe(String(text.length));
    expect(whole.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    const part = await ask("/static/hello.txt", { Range: "bytes=6-9" });
    expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([
      206,
      "from",
      `bytes 6-9/${text.length}`,
    ]);
    const again = await ask("/static/hello.txt", { "If-None-Match": whole.headers.get("etag") as string });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const head = await fetch(`${server.url}/static/hello.txt`, { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(String(text.length));
    const moved = await ask("/static");
    expect([moved.status, moved.headers.get("location")]).toEqual([301, "/static/"]);
    expect(await (await ask("/static/")).text()).toContain('<a href="./hello.txt">hello.txt</a>');
    for (const target of [
      "/static/../app.mjs",
      "/static/..%2fapp.mjs",
      "/static/%2e%2e/app.mjs",
      "/static/..%5capp.mjs",
    ]) {
      const answer = await raw(server.url, target);
      expect(answer, target).toMatch(/^HTTP\/1\.1 (?:404|400) /);
      expect(answer).not.toContain("accessLog");
    }
  });
});
