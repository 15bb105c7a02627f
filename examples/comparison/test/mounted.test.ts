import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RUNTIMES } from "../../../tools/runtimes.mjs";
import { ask } from "./client.ts";
import { start, type Server } from "./servers.ts";

// A Hono app that uses its bindings, its execution context and streams, mounted by urlmap beside an app on the contract:
// unchanged on every runtime.

describe.each(RUNTIMES)("a mounted Hono app on %s", (runtime) => {
  let server: Server;

  beforeAll(async () => {
    server = await start(runtime, "mounted");
  });
  afterAll(() => server.stop());

  const text = async (
    path: string,
    asked: { method?: string; body?: string; chunked?: boolean } = {},
  ): Promise<string> => {
    const answer = await ask(server.url, { path, ...asked });
    expect(answer.whole).toBe(true);
    return `${answer.status} ${String(answer.body)}`;
  };

  test("stands beside the app on the contract", async () => {
    expect(await text("/")).toBe("200 Hello\n");
    expect(await text("/apiary")).toBe("404 404 Not Found");
  });

  test.each(["/api", "/api/"])("sees its own root at %s", async (path) => {
    expect(await text(path)).toBe("200 root of /");
  });

  test("reads c.env: a variable of the process, on workerd a binding", async () => {
    expect(await text("/api/greeting/J%C3%B6rg")).toBe("200 Hello from outside, Jörg");
  });

  test("has routes of its own under a deeper mount, and its own 404", async () => {
    expect(await text("/deep/er/v1/greeting/a%2Fb")).toBe("200 Hello from outside, a/b");
    expect(await text("/deep/er/v1/nothing")).toBe("404 404 Not Found");
  });

  test("c.executionCtx.waitUntil lets work go on after the answer", async () => {
    expect(await text("/api/jobs", { method: "POST", body: "{}" })).toBe('202 {"finished":0}');
    await expect.poll(() => text("/api/jobs"), { timeout: 5000 }).toBe('200 {"finished":1}');
  });

  test("streams an answer", async () => {
    expect(await text("/api/count/20")).toBe(`200 ${Array.from({ length: 20 }, (_, i) => `${i + 1} `).join("")}`);
  });

  // Deno.serve by itself, without any gateway, stalls after 64 to 96 KiB when an answer is the request's body through a
  // TransformStream: what is read ahead of the answer is never followed by more
  test.each([false, true])("streams a request through (chunked: %s)", async (chunked) => {
    const body = "streamed body, ".repeat(runtime === "deno" ? 2000 : 20_000);
    expect(await text("/api/shout", { method: "POST", body, chunked })).toBe(`200 ${body.toUpperCase()}`);
  });
});
