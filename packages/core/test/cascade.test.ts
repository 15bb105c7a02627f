import { describe, expect, it } from "vitest";
import { cascade } from "../src/compose/cascade.ts";
import type { App, Environ } from "../src/contract.ts";
import { InputError } from "../src/input.ts";
import { toFetch } from "../src/fetch/to-fetch.ts";
import { ask } from "./in-memory.ts";

const answers =
  (status: string, text: string): App =>
  (_environ, startResponse) => {
    startResponse(status, [["Content-Type", "text/plain"]]);
    return [text];
  };
const missing = answers("404 Not Found", "missing");
const found = answers("200 OK", "found");

/** Reads the body and answers 404 with it in a header, so that it hands on. */
const reader =
  (seen: string[]): App =>
  async (environ, startResponse) => {
    seen.push(await environ["tsgi.input"].text());
    startResponse("404 Not Found", []);
    return [];
  };

describe("cascade", () => {
  it("C2: the first answer that is not caught is the answer, in the order of the list", async () => {
    const called: string[] = [];
    const note =
      (name: string, app: App): App =>
      (environ, start) => {
        called.push(name);
        return app(environ, start);
      };
    const app = cascade([note("a", missing), note("b", found), note("c", found)]);
    expect(await ask(app)).toMatchObject({ status: 200, text: "found" });
    expect(called).toEqual(["a", "b"]);
  });

  it("C2: the last app's answer is used as it is, a caught status too", async () => {
    expect(await ask(cascade([missing, answers("404 Nothing", "last")]))).toMatchObject({
      status: 404,
      reason: "Nothing",
      text: "last",
    });
    expect(await ask(cascade([missing]))).toMatchObject({ status: 404, text: "missing" });
  });

  it("C3: `catch` replaces the default 404", async () => {
    const app = (first: string): App => cascade([answers(first, "first"), found], { catch: [403, 405] });
    expect((await ask(app("405 Method Not Allowed"))).text).toBe("found");
    expect((await ask(app("403 Forbidden"))).text).toBe("found");
    expect((await ask(app("404 Not Found"))).text).toBe("first");
    expect((await ask(cascade([missing, found], { catch: [] }))).text).toBe("missing");
  });

  it("C2: generator apps are asked for their status before their body", async () => {
    const lazy: App = function* (_environ, startResponse) {
      startResponse("404 Not Found", []);
      yield "lazy";
    };
    const slow: App = async function* (_environ, startResponse) {
      yield "";
      await Promise.resolve();
      startResponse("404 Not Found", []);
      yield "slow";
    };
    expect(await ask(cascade([lazy, slow, found]))).toMatchObject({ status: 200, text: "found" });
  });

  it("C4: a catch that is no status, no apps, and what is no app are errors at once", () => {
    expect(() => cascade([])).toThrow("cascade: at least one app is wanted");
    expect(() => cascade([found, null as unknown as App])).toThrow("cascade: app 1 is object; an app is wanted");
    for (const bad of [99, 600, 404.5, NaN, "404" as unknown as number])
      expect(() => cascade([found], { catch: [bad] })).toThrow(`cascade: catch ${bad} is not a status from 200 to 599`);
  });

  it("C5: each app reads the request body from its start", async () => {
    const seen: string[] = [];
    const app = cascade([reader(seen), reader(seen), reader(seen)]);
    await ask(app, {
      method: "POST",
      headers: [
        ["host", "h"],
        ["content-length", "6"],
      ],
      body: ["abc", "def"],
    });
    expect(seen).toEqual(["abcdef", "abcdef", "abcdef"]);
  });

  it("C5: also of a body without a declared length", async () => {
    const seen: string[] = [];
    const app = cascade([reader(seen), reader(seen)]);
    await ask(app, {
      method: "PUT",
      headers: [
        ["host", "h"],
        ["transfer-encoding", "chunked"],
      ],
      body: ["a", "b"],
    });
    // a Request made in memory declares nothing at all
    await toFetch(app)(new Request("http://h/", { method: "POST", body: "memory" }));
    expect(seen).toEqual(["ab", "ab", "memory", "memory"]);
  });

  it("C5: what one app left unread is there for the next", async () => {
    const seen: string[] = [];
    const nibbles: App = async (environ, startResponse) => {
      seen.push(new TextDecoder().decode(await environ["tsgi.input"].read(2)));
      startResponse("404 Not Found", []);
      return [];
    };
    const app = cascade([nibbles, missing, reader(seen)]);
    await ask(app, {
      method: "POST",
      headers: [
        ["host", "h"],
        ["content-length", "6"],
      ],
      body: ["abc", "def"],
    });
    expect(seen).toEqual(["ab", "abcdef"]);
  });

  it("C5: a body that is too large is refused, whoever reads it", async () => {
    const asked = { method: "POST", headers: [["host", "h"]] as [string, string][], body: ["0123456789"] };
    const one = await ask(cascade([reader([]), found]), { ...asked, limits: { body: 4 } });
    expect(one.status).toBe(413);
    const last = await ask(cascade([missing, reader([])]), { ...asked, limits: { body: 4 } });
    expect(last.status).toBe(413);
  });

  it("C6: a thrown error that carries a caught status counts as that answer, any other is an error", async () => {
    const throws =
      (error: unknown): App =>
      () => {
        throw error;
      };
    expect((await ask(cascade([throws({ status: 404 }), found]))).text).toBe("found");
    expect((await ask(cascade([throws(new InputError(413, "big")), found], { catch: [413] }))).text).toBe("found");
    expect((await ask(cascade([throws({ status: 403 }), found]))).status).toBe(500);
    expect((await ask(cascade([throws(new Error("no")), found]))).status).toBe(500);
    expect((await ask(cascade([throws(null), found]))).status).toBe(500);
    const late: App = async function* () {
      await Promise.resolve();
      throw Object.assign(new Error("gone"), { status: 404 });
    };
    expect((await ask(cascade([late, found]))).text).toBe("found");
  });

  it("C7: each app but the last gets a copy of the environ", async () => {
    const seen: unknown[] = [];
    const writes: App = (environ, startResponse) => {
      seen.push(environ["app.seen"]);
      environ["app.seen"] = true;
      environ.PATH_INFO = "/changed";
      delete environ.HTTP_HOST;
      return missing(environ, startResponse);
    };
    let last: Environ | undefined;
    const end: App = (environ, startResponse) => {
      last = environ;
      return found(environ, startResponse);
    };
    let outer: Environ | undefined;
    const app = cascade([writes, writes, end]);
    await ask((environ, start) => app((outer = environ), start), { target: "/x" });
    expect(seen).toEqual([undefined, undefined]);
    expect(last).toBe(outer);
    expect([last?.PATH_INFO, last?.HTTP_HOST, "app.seen" in (last as Environ)]).toEqual(["/x", "test.example", false]);
  });

  it("C7: what a caught app wrote is dropped, and its body returned and closed, once", async () => {
    const log: string[] = [];
    const writes: App = (_environ, startResponse) => {
      const write = startResponse("404 Not Found", []);
      void write("written");
      return {
        *[Symbol.iterator]() {
          try {
            yield "never";
          } finally {
            log.push("finally");
          }
        },
        close: () => void log.push("close"),
      };
    };
    const lazy: App = async function* (_environ, startResponse) {
      try {
        startResponse("404 Not Found", []);
        yield "never";
      } finally {
        log.push("generator");
      }
    };
    expect(await ask(cascade([writes, lazy, found]))).toMatchObject({ status: 200, text: "found" });
    // the first was never started, so that it has nothing to finish
    expect(log).toEqual(["close", "generator"]);
  });

  it("a caught answer that never gets on does not hold up the next app", async () => {
    const stuck: App = async function* (_environ, startResponse) {
      startResponse("404 Not Found", []);
      await new Promise(() => {});
      yield "never";
    };
    expect((await ask(cascade([stuck, found]))).text).toBe("found");
  });

  it("an error in a caught answer's close() is logged and harms nobody", async () => {
    const bad: App = (_environ, startResponse) => {
      startResponse("404 Not Found", []);
      return Object.assign(["x"], {
        close: () => {
          throw new Error("close failed");
        },
      });
    };
    const seen = await ask(cascade([bad, found]));
    expect([seen.status, seen.text]).toEqual([200, "found"]);
    expect(seen.log).toContain("close failed");
  });

  it("a streamed answer that is not caught streams", async () => {
    const stream: App = async function* (_environ, startResponse) {
      startResponse("200 OK", []);
      yield "a";
      yield "b";
    };
    expect(await ask(cascade([missing, stream, missing]))).toMatchObject({ status: 200, chunks: ["a", "b"] });
  });
});

it("each app reads of a request without a body that there is none (the second found it read already)", async () => {
  const reading =
    (status: string): App =>
    async (environ, start) => {
      const text = await environ["tsgi.input"].text();
      start(status, [["Content-Type", "text/plain"]]);
      return [`<${text}>`];
    };
  const seen = await ask(cascade([reading("404 Not Found"), reading("404 Not Found"), reading("200 OK")]));
  expect(seen).toMatchObject({ status: 200, text: "<>", log: "" });
});
