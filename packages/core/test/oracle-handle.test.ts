import { describe, expect, test } from "vitest";
import type { App } from "../src/contract.ts";
import { ask } from "./in-memory.ts";

// What the reference cases brought to light in the response machine.

const TEXT: [string, string][] = [["Content-Type", "text/plain"]];

describe("write from within the body", () => {
  // A generator that called write() at its first pull lost the chunk of that pull, and the answer passed for a whole one.
  const bodies: Record<string, App> = {
    "a generator": function* (_environ, start) {
      const write = start("200 OK", TEXT);
      void write("a");
      yield "b";
      void write("c");
      yield "d";
    },
    "an async generator": async function* (_environ, start) {
      const write = start("200 OK", TEXT);
      await write("a");
      yield "b";
      await write("c");
      yield "d";
    },
    "an async generator that waits first": async function* (_environ, start) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const write = start("200 OK", TEXT);
      await write("a");
      yield "b";
    },
  };
  for (const [name, app] of Object.entries(bodies))
    test(`${name}: what was written and what was yielded arrive whole and in order`, async () => {
      const seen = await ask(app);
      expect(seen.status).toBe(200);
      expect(seen.text).toBe(name.includes("waits") ? "ab" : "abcd");
      expect(seen.broken).toBe(false);
      expect(seen.log).toBe("");
    });

  // It waited for room, and the sink waited for the chunk that came after it: neither came.
  test("a write past the limit within a pull does not wait for itself", async () => {
    const big = "x".repeat(1000);
    const app: App = async function* (_environ, start) {
      const write = start("200 OK", TEXT);
      yield "a";
      await write(big);
      await write(big);
      yield "b";
    };
    const seen = await ask(app, { limits: { write: 10 } });
    expect(seen.text).toBe(`a${big}${big}b`);
  });

  test("a pull that fails after the client took what was written and left is no unhandled rejection", async () => {
    const seen = await ask(
      async function* (_environ, start) {
        void start("200 OK", TEXT)("a");
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield* [];
        throw new Error("nobody listens");
      },
      { take: 1 },
    );
    expect([seen.status, seen.text]).toEqual([200, "a"]);
    await new Promise((resolve) => setTimeout(resolve, 40));
  });

  test("an error behind a write breaks the answer and is logged once", async () => {
    const seen = await ask(function* (_environ, start) {
      void start("200 OK", TEXT)("a");
      yield "";
      throw new Error("boom");
    });
    expect([seen.status, seen.text, seen.broken]).toEqual([200, "a", true]);
    expect(seen.log.match(/^tsgi:/gm)).toHaveLength(1);
  });
});

describe("a startResponse that was refused", () => {
  // PEP 3333: "This includes the case where the first call to start_response raised an error."
  test("counts: a second call without an error is refused too", async () => {
    const seen = await ask((_environ, start) => {
      try {
        start("20", TEXT);
      } catch {
        start("200 OK", TEXT);
      }
      return ["x"];
    });
    expect(seen.status).toBe(500);
    expect(seen.log).toContain("called twice");
  });

  test("is followed by one that gives the error", async () => {
    const seen = await ask((_environ, start) => {
      try {
        start("20", TEXT);
      } catch (error) {
        start("200 OK", TEXT, error);
      }
      return ["x"];
    });
    expect([seen.status, seen.text]).toEqual([200, "x"]);
  });
});
