import { InputError, type App, type Body } from "@tsgi/core";
import { BrokenAnswerError, open, request } from "@tsgi/testing";
import { describe, expect, test } from "vitest";

const hello: App = (_environ, start) => {
  start("200 OK", [["Content-Type", "text/plain"]]);
  return ["Hello World"];
};

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A stream of numbers that notes what is done to it. */
function stream(log: string[], delay = 1): App {
  return (environ, start) => {
    environ["tsgi.signal"].addEventListener("abort", () => log.push("abort"));
    start("200 OK", [["Content-Type", "text/plain"]]);
    let pulls = 0;
    return {
      [Symbol.asyncIterator]: () => ({
        async next() {
          log.push("pull");
          await later(delay);
          return { done: false as const, value: `${pulls++}` };
        },
        async return() {
          log.push("return");
          return { done: true as const, value: undefined };
        },
      }),
      close: () => void log.push("close"),
    } as Body;
  };
}

describe("request", () => {
  test("gives status, status line, headers, body and an empty error log", async () => {
    const answer = await request(hello);
    expect(answer.status).toBe(200);
    expect(answer.statusLine).toBe("200 OK");
    expect(answer.headers).toEqual([
      ["Content-Type", "text/plain"],
      ["Content-Length", "11"],
    ]);
    expect(answer.header("CONTENT-TYPE")).toBe("text/plain");
    expect(answer.header("x-none")).toBeUndefined();
    expect(answer.text()).toBe("Hello World");
    expect([...answer.body.subarray(0, 2)]).toEqual([72, 101]);
    expect(answer.errors).toBe("");
  });

  test("sends method, path, query, headers, body, environ keys, bindings and mount", async () => {
    const app: App = async (environ, start) => {
      start("200 OK", [["Content-Type", "application/json"]]);
      const body = await environ["tsgi.input"].text();
      const { REQUEST_METHOD, SCRIPT_NAME, PATH_INFO, QUERY_STRING, HTTP_X_A, REMOTE_USER, CONTENT_LENGTH } = environ;
      const seen = { REQUEST_METHOD, SCRIPT_NAME, PATH_INFO, QUERY_STRING, HTTP_X_A, REMOTE_USER, CONTENT_LENGTH };
      return [JSON.stringify({ ...seen, body, binding: environ["tsgi.bindings"].A })];
    };
    const answer = await request(app, {
      method: "PUT",
      path: "/m/p%20q?a=1",
      headers: [
        ["X-A", "1"],
        ["X-A", "2"],
      ],
      body: "sent",
      environ: { REMOTE_USER: "karel" },
      bindings: { A: "b" },
      mount: "/m",
    });
    expect(answer.json()).toEqual({
      REQUEST_METHOD: "PUT",
      SCRIPT_NAME: "/m",
      PATH_INFO: "/p q",
      QUERY_STRING: "a=1",
      HTTP_X_A: "1, 2",
      REMOTE_USER: "karel",
      CONTENT_LENGTH: "4",
      body: "sent",
      binding: "b",
    });
  });

  test("takes headers as an object, and a body in pieces without a Content-Length", async () => {
    const app: App = async (environ, start) => {
      start("200 OK", [["Content-Type", "text/plain"]]);
      return [`${environ.CONTENT_LENGTH} ${environ.HTTP_ACCEPT} ${await environ["tsgi.input"].text()}`];
    };
    const answer = await request(app, { headers: { accept: "a/b" }, body: ["one ", new TextEncoder().encode("two")] });
    expect(answer.text()).toBe("undefined a/b one two");
  });

  test("an error of the app is a 500, and its stack is in errors", async () => {
    const answer = await request(() => {
      throw new Error("on purpose");
    });
    expect([answer.status, answer.text()]).toEqual([500, "Internal Server Error"]);
    expect(answer.errors).toContain("Error: on purpose");
  });

  test("the validator is on by default, and off when asked", async () => {
    const untyped: App = (_environ, start) => {
      start("200 OK", []);
      return ["x"];
    };
    expect((await request(untyped)).errors).toContain("ValidationError");
    expect((await request(untyped)).status).toBe(500);
    expect((await request(untyped, { validate: false })).status).toBe(200);
  });

  test("HEAD has no body and the length of GET's", async () => {
    const answer = await request(hello, { method: "HEAD" });
    expect([answer.status, answer.body.length, answer.header("content-length")]).toEqual([200, 0, "11"]);
  });

  test("a body over the limit is a 413", async () => {
    const app: App = async (environ, start) => {
      await environ["tsgi.input"].bytes();
      return hello(environ, start);
    };
    expect((await request(app, { body: "x".repeat(20), limits: { body: 10 } })).status).toBe(413);
  });

  test("an answer that breaks off rejects with its head, what came, and the errors", async () => {
    const app: App = async function* (_environ, start) {
      start("200 OK", [["Content-Type", "text/plain"]]);
      yield "begun";
      throw new Error("mid-body");
    };
    const error = await request(app).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BrokenAnswerError);
    const { head, received, errors } = error as BrokenAnswerError;
    expect([head?.status, new TextDecoder().decode(received)]).toEqual([200, "begun"]);
    expect(errors).toContain("mid-body");
  });

  test("waits for what the app gives to tsgi.wait_until", async () => {
    let done = false;
    await request((environ, start) => {
      environ["tsgi.wait_until"]?.(later(20).then(() => (done = true)));
      return hello(environ, start);
    });
    expect(done).toBe(true);
  });
});

describe("open", () => {
  test("reads chunk by chunk and pulls none that is not asked for", async () => {
    const log: string[] = [];
    const exchange = open(stream(log));
    expect((await exchange.head)?.status).toBe(200);
    expect(new TextDecoder().decode((await exchange.next()) ?? undefined)).toBe("0");
    expect(new TextDecoder().decode((await exchange.next()) ?? undefined)).toBe("1");
    await later(20);
    expect(log.filter((one) => one === "pull")).toHaveLength(2);
    exchange.disconnect();
    await exchange.done;
  });

  test("a disconnect mid-stream aborts the signal, and the body is returned and closed once", async () => {
    const log: string[] = [];
    const exchange = open(stream(log));
    await exchange.next();
    exchange.disconnect();
    await exchange.done;
    expect(log.filter((one) => one !== "pull").sort()).toEqual(["abort", "close", "return"]);
    await expect(exchange.next()).rejects.toThrow();
    expect(exchange.errors).toBe("");
  });

  test("a disconnect while a chunk is awaited rejects it", async () => {
    const log: string[] = [];
    const exchange = open(stream(log, 500));
    await exchange.head;
    const pending = exchange.next();
    const rejected = expect(pending).rejects.toThrow();
    exchange.disconnect();
    await rejected;
    expect(log).toContain("close");
  });

  test("a disconnect before the app has answered leaves no head", async () => {
    const exchange = open(async (environ, start) => {
      await later(20);
      return hello(environ, start);
    });
    exchange.disconnect();
    expect(await exchange.head).toBeNull();
    await exchange.done;
  });

  test("the end is null, also when asked for twice", async () => {
    const exchange = open(hello);
    expect((await exchange.next())?.length).toBe(11);
    expect(await exchange.next()).toBeNull();
    expect(await exchange.next()).toBeNull();
  });
});

const echo: App = async (environ, start) => {
  const text = await environ["tsgi.input"].text();
  start("200 OK", [["Content-Type", "text/plain"]]);
  return [text];
};

describe("the body of a request", () => {
  // Nobody told the reader that its client had left: `done` never settled, and the sender's `finally` never ran.
  test.each(["text", "a loop"])(
    "a client that leaves in the middle of it is told to whoever reads: %s",
    async (way) => {
      let told: unknown;
      let ended = false;
      let begun!: () => void;
      const reading = new Promise<void>((resolve) => (begun = resolve));
      const app: App = async (environ) => {
        begun();
        try {
          if (way === "text") await environ["tsgi.input"].text();
          else for await (const _piece of environ["tsgi.input"]);
        } catch (error) {
          told = error;
        }
        throw told;
      };
      async function* stalled(): AsyncGenerator<string> {
        try {
          yield "some";
          await new Promise((resolve) => setTimeout(resolve, 50));
          for (;;) yield "more";
        } finally {
          ended = true;
        }
      }
      const exchange = open(app, { body: stalled() });
      await reading;
      exchange.disconnect();
      await exchange.done;
      expect(told).toBeInstanceOf(InputError);
      expect(String(told)).toContain("the client left");
      await expect.poll(() => ended).toBe(true);
    },
  );

  test("a body that nobody reads to its end is let go of with the exchange", async () => {
    let ended = false;
    function* endless(): Generator<string> {
      try {
        for (;;) yield "x".repeat(1000);
      } finally {
        ended = true;
      }
    }
    const answer = await request(hello, { body: endless(), limits: { drain: 5000 } });
    expect([answer.status, ended]).toEqual([200, true]);
  });

  // A body was whole whatever its Content-Length said, so that a test of a truncated upload passed for the wrong reason.
  test("its Content-Length holds, as it does over a connection", async () => {
    const answers = ["2", "3", "9"].map((length) =>
      request(echo, { body: "abc", headers: { "Content-Length": length } }),
    );
    const [short, whole, long] = await Promise.all(answers);
    expect([short.text(), whole.text(), long.status]).toEqual(["ab", "abc", 400]);
    expect((await request(echo, { headers: { "Content-Length": "3" } })).status).toBe(400);
  });

  // Each was a 400 without a word, or two bytes of nonsense.
  test.each([{ a: 1 }, null, 5, new Blob(["x"]), new ArrayBuffer(1), new FormData(), new URLSearchParams("a=1")])(
    "what is no body is refused with its kind: %o",
    async (body) => {
      await expect(request(echo, { body: body as unknown as string })).rejects.toThrow(
        /^request: the body is .* wanted/,
      );
    },
  );

  test("a form comes by way of a Response", async () => {
    const form = new FormData();
    form.set("file", new File(["hello"], "a.txt"));
    const { headers, body } = new Response(form);
    const app: App = async (environ, start) => {
      const file = (await environ["tsgi.input"].formData()).get("file") as File;
      start("200 OK", [["Content-Type", "text/plain"]]);
      return [file.name, await file.text()];
    };
    expect((await request(app, { body: body!, headers })).text()).toBe("a.txthello");
  });
});

// A Headers and a Map were lost without a word, and a value that is no string became a fault of the server's.
test("headers are what gives pairs, and strings", async () => {
  const app: App = (environ, start) => {
    start("200 OK", [["Content-Type", "text/plain"]]);
    return [String(environ.HTTP_X_A)];
  };
  for (const headers of [new Headers({ "X-A": "1" }), new Map([["X-A", "1"]]), [["X-A", "1"]] as const])
    expect((await request(app, { headers })).text()).toBe("1");
  const headers = { "X-A": undefined as unknown as string };
  await expect(request(app, { headers })).rejects.toThrow('the header "X-A" is undefined; a string is wanted');
});

describe("tsgi.wait_until", () => {
  // The rejection was unhandled until the answer had ended, which ends a Node process.
  test("tells of what fails while the answer is under way", async () => {
    const app: App = async function* (environ, start) {
      environ["tsgi.wait_until"]?.(Promise.reject(new Error("no mail today")));
      start("200 OK", [["Content-Type", "text/plain"]]);
      await later(5);
      yield "sent";
    };
    const answer = await request(app);
    expect(answer.text()).toBe("sent");
    expect(answer.errors).toContain("tsgi.wait_until: Error: no mail today");
  });

  test("is waited for when it is called by what it waits for", async () => {
    let done = false;
    const app: App = (environ, start) => {
      const keep = environ["tsgi.wait_until"]!;
      keep(later(1).then(() => keep(later(5).then(() => (done = true)))));
      return hello(environ, start);
    };
    await request(app);
    expect(done).toBe(true);
  });
});

// Only the last of them was ever answered.
test("chunks asked for at once come one after the other", async () => {
  const app: App = async function* (_environ, start) {
    start("200 OK", [["Content-Type", "text/plain"]]);
    for (const chunk of "ab") {
      await later(1);
      yield chunk;
    }
  };
  const exchange = open(app);
  const chunks = await Promise.all([exchange.next(), exchange.next(), exchange.next()]);
  expect(chunks.map((chunk) => chunk && new TextDecoder().decode(chunk))).toEqual(["a", "b", null]);
});
