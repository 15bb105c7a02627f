import { expect, test } from "vitest";
import { toFetch, type Environ, type Native } from "@tsgi/core";
import { toWorker } from "@tsgi/workers";
import { app } from "../src/app.ts";
import { clock } from "../src/tour/clock.ts";
import { shown } from "../src/tour/environ.ts";

test.each(["/environ", "/environ.json"])("%s shows no binding of a Worker", async (path) => {
  const secret = "a-binding-nobody-may-see";
  const waiting: Promise<unknown>[] = [];
  const context = { waitUntil: (promise: Promise<unknown>) => void waiting.push(promise) };
  const answer = await toWorker(app).fetch(new Request(`http://localhost${path}`), { TOKEN: secret }, context);
  const text = await answer.text();
  await Promise.all(waiting);
  expect(answer.status).toBe(200);
  expect(text).toContain("[not shown]");
  expect(text).not.toContain(secret);
});

test("the environ dump describes what it does not print, also of keys that a filter has added", () => {
  const environ = {
    PATH_INFO: "/x",
    HTTP_COOKIE: "secret",
    "tsgi.native": { node: "secret" } as Native,
    "tsgi.errors": { write() {}, flush() {} },
    "app.session": { user: "secret" },
    "app.helper": () => "secret",
    "app.count": 3,
  } as unknown as Environ;
  expect(shown(environ)).toEqual({
    PATH_INFO: "/x",
    HTTP_COOKIE: "[not shown]",
    "tsgi.native": "[not shown]",
    "tsgi.errors": "[the server's error log]",
    "app.session": "[object]",
    "app.helper": "[function]",
    "app.count": 3,
  });
});

test("every key of the environ is in the dump", async () => {
  const answer = await toFetch(app)(new Request("http://localhost/environ.json"));
  const dump: unknown = await answer.json();
  for (const key of ["REQUEST_METHOD", "SERVER_NAME", "tsgi.version", "tsgi.input", "tsgi.signal", "tsgi.request"])
    expect(dump).toHaveProperty([key]);
});

test("the pages work where the tour is mounted", async () => {
  const mounted = toFetch(app, { scriptName: "/tour" });
  const text = async (path: string): Promise<string> => (await mounted(new Request(`http://localhost${path}`))).text();
  expect(await text("/tour/")).toContain('href="/tour/hello"');
  expect(await text("/tour/routes/")).toContain('href="/tour/routes/hello/Ada"');
  expect(await text("/tour/environ/x")).toContain('href="/tour/environ.json"');
});

test("the clock stops at once when its client leaves, and leaves no timer and no listener", async () => {
  const leaving = new AbortController();
  let listeners = 0;
  const { signal } = leaving;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
  const heads: string[] = [];
  const body = clock({ "tsgi.signal": signal } as Environ, (status) => {
    heads.push(status);
    return () => {};
  });
  const iterator = (body as AsyncIterable<string>)[Symbol.asyncIterator]();
  expect((await iterator.next()).value).toMatch(/^data: .+Z\n\n$/);
  expect(heads).toEqual(["200 OK"]);
  const began = performance.now();
  const last = iterator.next();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(listeners).toBe(1);
  leaving.abort();
  expect(await last).toEqual({ done: true, value: undefined });
  expect(performance.now() - began).toBeLessThan(900);
  expect(listeners).toBe(0);
});
