import type { App, Environ } from "@tsgi/core";
import { call } from "@tsgi/core";
import { describe, expect, it } from "vitest";
import { lazyApp } from "../../src/compile/lazy-app.ts";

const hello: App = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return ["hello"];
};

async function textOf(app: App, environ: Partial<Environ> = {}): Promise<string> {
  const { body } = await call(app, environ as Environ);
  let text = "";
  for await (const chunk of body) text += String(chunk);
  return text;
}

describe("lazyApp", () => {
  it("constructs nothing before the first request, and once for all that come meanwhile", async () => {
    let constructed = 0;
    let finish = (): void => {};
    const app = lazyApp(async () => {
      constructed++;
      await new Promise<void>((resolve) => (finish = resolve));
      return hello;
    });
    expect(constructed).toBe(0);
    const answers = Promise.all([textOf(app), textOf(app), textOf(app)]);
    await expect.poll(() => constructed).toBe(1);
    finish();
    expect(await answers).toEqual(["hello", "hello", "hello"]);
    expect(await textOf(app)).toBe("hello");
    expect(constructed).toBe(1);
  });

  it.each([
    [
      "that throws at once",
      () => {
        throw new Error("no database");
      },
    ],
    ["that rejects", () => Promise.reject(new Error("no database"))],
  ])("a construction %s fails the requests that wait for it, and the next one tries again", async (_name, fail) => {
    let broken = true;
    const app = lazyApp(() => (broken ? fail() : hello));
    const first = await Promise.allSettled([textOf(app), textOf(app)]);
    expect(first.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(textOf(app)).rejects.toThrow("no database");
    broken = false;
    expect(await textOf(app)).toBe("hello");
  });

  it("is waited for by the runtime, whatever becomes of the request that began it", async () => {
    const waited: PromiseLike<unknown>[] = [];
    const environ = { "tsgi.wait_until": (promise: PromiseLike<unknown>) => void waited.push(promise) };
    const failing = lazyApp(() => Promise.reject(new Error("no database")));
    await expect(textOf(failing, environ)).rejects.toThrow("no database");
    expect(waited).toHaveLength(1);
    // what is waited for is the end, not the success: a rejection here would be told twice
    await expect(waited[0]).resolves.toBeUndefined();
  });

  it("what it constructs and is no app is an error of the request", async () => {
    await expect(textOf(lazyApp(() => undefined))).rejects.toThrow("an app is a function");
  });

  it("disposes of what was constructed, and of nothing where nothing was", async () => {
    const log: string[] = [];
    const made = Object.assign(((environ, startResponse) => hello(environ, startResponse)) as App, {
      [Symbol.asyncDispose]: async () => void log.push("disposed"),
    });
    const app = lazyApp(() => made);
    await app[Symbol.asyncDispose]();
    expect(log).toEqual([]);
    await textOf(app);
    await app[Symbol.asyncDispose]();
    expect(log).toEqual(["disposed"]);
    const failing = lazyApp(() => Promise.reject(new Error("no database")));
    await expect(textOf(failing)).rejects.toThrow();
    await expect(failing[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});
