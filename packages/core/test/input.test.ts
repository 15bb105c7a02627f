import { describe, expect, it } from "vitest";
import type { App, Input } from "../src/contract.ts";
import { convert, declaredLength, InputError, RequestInput } from "../src/input.ts";
import { limitsOf, type Limits } from "../src/limits.ts";
import type { Payload } from "../src/source.ts";
import { ask, sourceOf, type Asked } from "./in-memory.ts";

const decoder = new TextDecoder();
const inputOf = (body: Asked["body"], headers: [string, string][] = [], limits: Partial<Limits> = {}): RequestInput =>
  new RequestInput(sourceOf({ body, headers, limits }).source);

const textOf = async (input: AsyncIterable<Uint8Array>): Promise<string[]> => {
  const chunks: string[] = [];
  for await (const chunk of input) chunks.push(decoder.decode(chunk));
  return chunks;
};

describe("tsgi.input: reading", () => {
  it("bytes, text, json, stream and iteration give the body", async () => {
    const body = ['{"a":', '"é"}'];
    expect(decoder.decode(await inputOf(body).bytes())).toBe('{"a":"é"}');
    expect(await inputOf(body).text()).toBe('{"a":"é"}');
    expect(await inputOf(body).json()).toEqual({ a: "é" });
    expect((await textOf(inputOf(body).stream())).join("")).toBe('{"a":"é"}');
    expect(await textOf(inputOf(body))).toEqual(body);
  });

  it("no body is an empty one", async () => {
    expect((await inputOf(undefined).bytes()).length).toBe(0);
    expect(await inputOf(undefined).text()).toBe("");
    expect(await textOf(inputOf(undefined))).toEqual([]);
    expect((await inputOf(undefined).read(5)).length).toBe(0);
    await expect(inputOf(undefined).json()).rejects.toMatchObject({ status: 400 });
  });

  it("characters that are cut between two chunks stay whole", async () => {
    const [a, b] = [new Uint8Array([0xe2, 0x82]), new Uint8Array([0xac])];
    expect(await inputOf([a, b]).text()).toBe("€");
  });

  it("a form, urlencoded or multipart", async () => {
    const plain = inputOf("a=1&b=%C3%A9", [["content-type", "application/x-www-form-urlencoded"]]);
    expect([...(await plain.formData()).entries()]).toEqual([
      ["a", "1"],
      ["b", "é"],
    ]);
    const parts = '--x\r\nContent-Disposition: form-data; name="f"\r\n\r\nv\r\n--x--\r\n';
    const multi = inputOf(parts, [["content-type", "multipart/form-data; boundary=x"]]);
    expect((await multi.formData()).get("f")).toBe("v");
  });

  it("read(n) gives at most n bytes, and an empty array at the end", async () => {
    const input = inputOf(["abc", "defg"]);
    const read = async (size: number): Promise<string> => decoder.decode(await input.read(size));
    expect(await read(2)).toBe("ab");
    expect(await read(0)).toBe("");
    expect(await read(5)).toBe("c");
    expect(await read(100)).toBe("defg");
    expect([await read(1), await read(1)]).toEqual(["", ""]);
  });

  it.each([-1, 1.5, NaN, Infinity, "5"])("read(%s) is refused", async (size) => {
    await expect(inputOf("abc").read(size as number)).rejects.toThrow(
      `tsgi.input.read(${String(size)}): a whole number of bytes of at least 0 is wanted`,
    );
  });

  it("text() after read(n) or after a part of an iteration gives what is left", async () => {
    const read = inputOf(["abc", "def"]);
    await read.read(2);
    expect(await read.text()).toBe("cdef");
    const iterated = inputOf(["abc", "def"]);
    for await (const chunk of iterated) {
      expect(decoder.decode(chunk)).toBe("abc");
      break;
    }
    expect(await iterated.text()).toBe("def");
    const streamed = inputOf(["abc", "def"]);
    await streamed.read(1);
    expect((await textOf(streamed.stream())).join("")).toBe("bcdef");
  });

  it("after an iteration to its end nothing is left", async () => {
    const input = inputOf(["abc"]);
    await textOf(input);
    expect(await input.text()).toBe("");
  });

  it.each(["bytes", "text", "json", "formData"] as const)(
    "read whole a second time, by %s, is an error",
    async (kind) => {
      const input = inputOf("1");
      await input.text();
      await expect(input[kind]()).rejects.toThrow(
        `tsgi.input.${kind}(): the body was already read by text(); it is read once`,
      );
      await expect(input.read(1)).rejects.toThrow("already read by text()");
      await expect(textOf(input)).rejects.toThrow("already read by text()");
    },
  );

  it("two readers at once do not share out the chunks between them", async () => {
    const input = inputOf(["a", "b", "c", "d"]);
    const [first, second] = await Promise.allSettled([input.text(), input.text()]);
    expect(first).toEqual({ status: "fulfilled", value: "abcd" });
    expect(second).toMatchObject({ status: "rejected", reason: { name: "TypeError" } });
  });

  it("attaches to the transport at the first read, and not before", async () => {
    let opened = 0;
    const input = new RequestInput({
      limits: limitsOf(undefined),
      header: () => undefined,
      payload: () => {
        opened++;
        return null;
      },
    });
    const iterator = input[Symbol.asyncIterator]();
    expect(opened).toBe(0);
    await iterator.next();
    expect(opened).toBe(1);
  });
});

describe("tsgi.input: what is wrong with a body", () => {
  it.each([
    ["json", "{", "is not JSON"],
    ["json", "", "is not JSON"],
    ["formData", "x", "is not a form that its Content-Type names"],
  ] as const)("%s of %j: 400", async (kind, body, why) => {
    const input = inputOf(body);
    const error = await input[kind]().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ status: 400 });
    expect((error as Error).message).toContain(why);
    expect((error as Error).cause).toBeDefined();
  });

  it("cut short or malformed in the transport: 400 with the transport's error as its cause", async () => {
    const cause = new Error("invalid chunk size");
    for (const read of [
      (input: Input) => input.text(),
      (input: Input) => textOf(input),
      (input: Input) => textOf(input.stream()),
    ])
      await expect(read(inputOf(["abc", cause]))).rejects.toMatchObject({ name: "InputError", status: 400, cause });
  });

  it("a body that broke does not pass for a whole one when it is read again", async () => {
    const input = inputOf(["abc", new Error("cut")]);
    await expect(textOf(input)).rejects.toThrow("cut short");
    await expect(input.text()).rejects.toThrow("cut short");
    const large = inputOf(["abc", "def"], [], { body: 4 });
    await expect(textOf(large)).rejects.toMatchObject({ status: 413 });
    await expect(large.text()).rejects.toMatchObject({ status: 413 });
  });

  it("larger than the limit: 413, counted whatever was declared", async () => {
    expect(await inputOf(["ab", "cd"], [], { body: 4 }).text()).toBe("abcd");
    for (const read of [
      (input: Input) => input.text(),
      (input: Input) => input.json(),
      (input: Input) => textOf(input),
      (input: Input) => textOf(input.stream()),
      (input: Input) => input.bytes(),
    ])
      await expect(read(inputOf(["ab", "cde"], [], { body: 4 }))).rejects.toMatchObject({
        status: 413,
        message: "tsgi.input: the body is larger than 4 bytes (limits.body)",
      });
  });

  it("declared larger than the limit: refused before a byte is taken", async () => {
    let taken = 0;
    const payload: Payload = {
      length: 5,
      async *chunks() {
        taken++;
        yield new Uint8Array(5);
      },
    };
    const input = new RequestInput({ limits: limitsOf({ body: 4 }), header: () => undefined, payload: () => payload });
    await expect(input.text()).rejects.toMatchObject({ status: 413 });
    expect(taken).toBe(0);
  });

  it("a client that has gone is named as such", async () => {
    const source = sourceOf({ body: [new Error("reset")] }).source;
    const input = new RequestInput(source, { gone: new Error("gone") });
    await expect(input.text()).rejects.toThrow("the client left before the body was whole");
  });
});

describe("tsgi.input: uncaught in an app", () => {
  const echo: App = async (environ, startResponse) => {
    const text = await environ["tsgi.input"].text();
    startResponse("200 OK", []);
    return [text];
  };

  it("is answered with its own status, and the connection closes", async () => {
    expect(await ask(echo, { method: "POST", body: ["abc", new Error("cut")] })).toMatchObject({
      status: 400,
      close: true,
      log: "",
    });
    expect(await ask(echo, { method: "POST", body: "abcdef", limits: { body: 3 } })).toMatchObject({
      status: 413,
      close: true,
      text: "Content Too Large",
    });
  });

  it("in a generator app too, before its head", async () => {
    const lazy: App = async function* (environ, startResponse) {
      const value = await environ["tsgi.input"].json<string>();
      startResponse("200 OK", []);
      yield value;
    };
    expect((await ask(lazy, { method: "POST", body: "{" })).status).toBe(400);
  });
});

describe("tsgi.input: what nobody read", () => {
  const ignore: App = (_environ, startResponse) => {
    startResponse("200 OK", []);
    return ["answer"];
  };
  const counting = (pieces: number, size: number): { taken(): number; asked: Asked } => {
    let taken = 0;
    const payload: Payload = {
      length: undefined,
      async *chunks() {
        for (; taken < pieces; taken++) yield new Uint8Array(size);
      },
    };
    return { taken: () => taken, asked: { method: "POST", source: { payload: () => payload } } };
  };

  it("is drained up to the limit, and the connection goes on", async () => {
    const { asked, taken } = counting(5, 10);
    expect(await ask(ignore, { ...asked, limits: { drain: 50 } })).toMatchObject({ text: "answer", close: false });
    expect(taken()).toBe(5);
  });

  it("beyond the limit the connection closes after the answer", async () => {
    const { asked, taken } = counting(1000, 10);
    expect(await ask(ignore, { ...asked, limits: { drain: 50 } })).toMatchObject({ text: "answer", close: true });
    expect(taken()).toBeLessThan(20);
  });

  it("is not waited for longer than drainTime", async () => {
    const payload: Payload = {
      length: undefined,
      async *chunks() {
        await new Promise(() => {});
        yield new Uint8Array(1);
      },
    };
    const seen = await ask(ignore, { method: "POST", limits: { drainTime: 20 }, source: { payload: () => payload } });
    expect(seen).toMatchObject({ text: "answer", close: true });
  });

  it("a declared length beyond the limit is not even begun with", async () => {
    let taken = 0;
    const payload: Payload = {
      length: 1000,
      async *chunks() {
        taken++;
        yield new Uint8Array(1000);
      },
    };
    const seen = await ask(ignore, { method: "POST", limits: { drain: 999 }, source: { payload: () => payload } });
    expect([seen.close, taken]).toEqual([true, 0]);
  });

  it("a client that waits to be asked for its body is not asked", async () => {
    const payload: Payload = {
      length: 3,
      awaited: true,
      async *chunks() {
        throw new Error("asked");
      },
    };
    const seen = await ask(ignore, { method: "POST", source: { payload: () => payload } });
    expect(seen).toMatchObject({ status: 200, text: "answer", close: true });
  });

  it("a body that was read whole but is no JSON keeps the connection, one that was cut does not", async () => {
    const forgiving: App = async (environ, startResponse) => {
      const why = await environ["tsgi.input"].json<never>().catch((error: Error) => error.name);
      startResponse("200 OK", []);
      return [why];
    };
    expect(await ask(forgiving, { method: "POST", body: "{" })).toMatchObject({ text: "InputError", close: false });
    const cut = { method: "POST", body: ["{", new Error("cut")] };
    expect(await ask(forgiving, cut)).toMatchObject({ text: "InputError", close: true });
  });

  it("an app that caught the 413 and answers by itself: the connection closes", async () => {
    const forgiving: App = async (environ, startResponse) => {
      await environ["tsgi.input"].text().catch(() => {});
      startResponse("200 OK", []);
      return ["too much"];
    };
    expect(await ask(forgiving, { method: "POST", body: ["abc", "def"], limits: { body: 4 } })).toMatchObject({
      text: "too much",
      close: true,
    });
  });

  it("a read that nobody awaits is let come to its end", async () => {
    let text: Promise<string> | undefined;
    const careless: App = (environ, startResponse) => {
      text = environ["tsgi.input"].text();
      startResponse("200 OK", []);
      return ["answer"];
    };
    expect(await ask(careless, { method: "POST", body: ["ab", "cd"] })).toMatchObject({ close: false });
    expect(await text).toBe("abcd");
  });
});

describe("convert and declaredLength", () => {
  it("a length is digits; the same said twice counts once; what no number holds is beyond every limit", () => {
    expect(declaredLength(undefined)).toBeUndefined();
    expect(declaredLength("5")).toBe(5);
    expect(declaredLength("5, 5")).toBe(5);
    for (const bad of ["", "+5", "-1", "0x5", "5_0", "5 0", "abc"]) expect(declaredLength(bad)).toBeUndefined();
    expect(declaredLength("9007199254740993")).toBe(Infinity);
    expect(declaredLength("9".repeat(400))).toBe(Infinity);
  });

  it("convert gives what is asked for", async () => {
    const bytes = new TextEncoder().encode("[1]");
    expect(await convert("bytes", bytes, undefined)).toBe(bytes);
    expect(await convert("text", bytes, undefined)).toBe("[1]");
    expect(await convert("json", bytes, undefined)).toEqual([1]);
    await expect(convert("formData", bytes, undefined)).rejects.toBeInstanceOf(InputError);
  });
});

// A cancelled stream ended the iterator, and the drain took the early end for the body's: the connection was kept with
// the rest of the body on it, to be read as the next request by a transport that trusts what drain says.
it("a body whose stream was cancelled is not taken for read", async () => {
  const left = ["one", "two", "three"].map((text) => new TextEncoder().encode(text));
  const payload = {
    length: undefined,
    async *chunks() {
      yield* left;
    },
  };
  const input = new RequestInput({ limits: limitsOf({}), payload: () => payload, header: () => undefined });
  const reader = input.stream().getReader();
  await reader.read();
  await reader.cancel();
  expect(await input.drain()).toBe(false);
});

it("a copy of an environ that somebody makes JSON of shows nothing of what is behind the input, and is no circle", async () => {
  const seen = await ask(
    (environ, start) => {
      const { ...copy } = environ;
      start("200 OK", []);
      return [JSON.stringify(copy["tsgi.input"])];
    },
    { method: "POST", body: "x" },
  );
  expect(seen.status).toBe(200);
  expect(seen.text).not.toContain("test.example");
});
