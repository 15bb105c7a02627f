import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { fromFetch } from "@tsgi/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../src/index.ts";

// The Request that a fetch handler gets on Node is made when it is needed, on Node 20 and 22, and is a genuine one
// elsewhere, or when somebody has put another class in the place of the global Request: either way it is a Request.

type Handler = (request: Request) => Response | Promise<Response>;
let handler: Handler;
let url: string;
let close: () => Promise<unknown>;

beforeAll(async () => {
  const server = await serve(
    fromFetch((request: Request) => handler(request)),
    { port: 0, limits: { body: 1000 }, errorLog: { write: () => {}, flush: () => {} } },
  );
  ({ url } = server);
  close = () => server.close();
});
afterAll(() => close());

/** What a handler finds out about its Request. */
async function found<T>(
  look: (request: Request) => T | Promise<T>,
  init: RequestInit = {},
  path = "/p?a=1",
): Promise<T> {
  let result: Promise<T> | undefined;
  handler = async (request) => {
    result = Promise.resolve().then(() => look(request));
    await result.catch(() => {});
    return new Response("ok");
  };
  const answer = await fetch(new URL(path, url), init);
  await answer.text();
  return result as Promise<T>;
}

const post = (body: BodyInit = "hello"): RequestInit => ({
  method: "POST",
  body,
  headers: { "X-One": "1", "content-type": "text/plain" },
});
const native = globalThis.Request;
/** undici 6 keeps what a Request is under symbols, and a getter can stand there. */
const lazily = process.versions.undici?.startsWith("6.") === true;

describe.each([
  ["as it is handed over", native],
  ["where somebody has replaced the global Request", class extends native {}],
])("a Request %s", (_name, installed) => {
  beforeAll(() => void (globalThis.Request = installed));
  afterAll(() => void (globalThis.Request = native));

  it("is made when it is needed, on Node 20 and 22", async () => {
    const genuine = await found((request) =>
      Object.getOwnPropertySymbols(request).some(({ description }) => description === "state"),
    );
    expect(genuine).toBe(lazily && installed !== native);
  });

  it("is an instance of Request, and says what was asked for", async () => {
    const [instance, tag, ...said] = await found(
      (request) => [
        request instanceof Request && request instanceof native,
        Object.prototype.toString.call(request),
        request.method,
        request.url,
        request.headers.get("x-one"),
        request.headers instanceof Headers,
      ],
      { headers: { "X-One": "1" } },
      "/a b/../p?q=ü",
    );
    expect([instance, tag, ...said]).toEqual([true, "[object Request]", "GET", `${url}/p?q=%C3%BC`, "1", true]);
  });

  it("answers what Request.prototype knows as a Request does", async () => {
    const names = Object.getOwnPropertyNames(native.prototype).filter(
      (name) => name !== "signal" && name !== "headers",
    );
    const looked = async (request: Request): Promise<unknown> =>
      names.map((name) => {
        const value = (request as unknown as Record<string, unknown>)[name];
        return [name, typeof value === "function" ? "a function" : value];
      });
    expect(await found(looked)).toEqual(await looked(new native(`${url}/p?a=1`)));
    expect(await found((request) => inspect(request).replace(/headers[^]*?}/, ""))).toBe(
      inspect(new native(`${url}/p?a=1`)).replace(/headers[^]*?}/, ""),
    );
  });

  it.each<[string, (request: Request) => Request]>([
    ["new Request(request)", (request) => new Request(request)],
    ["request.clone()", (request) => request.clone()],
    ["new Request(url, request)", (request) => new Request(request.url, request)],
  ])("%s carries method, fields and body", async (_how, copied) => {
    const said = await found(async (request) => {
      const copy = copied(request);
      return [copy.method, copy.url, copy.headers.get("x-one"), copy.bodyUsed, await copy.text()];
    }, post());
    expect(said).toEqual(["POST", `${url}/p?a=1`, "1", false, "hello"]);
  });

  it("new Request(request, init) has what the init says", async () => {
    const said = await found(async (request) => {
      const copy = new Request(request, { method: "PUT", headers: { "x-two": "2" }, body: "other" });
      return [copy.method, copy.headers.get("x-one"), copy.headers.get("x-two"), await copy.text()];
    }, post());
    expect(said).toEqual(["PUT", null, "2", "other"]);
  });

  it("its clone and itself can both be read", async () => {
    const said = await found(async (request) => {
      const copy = request.clone();
      return [await copy.text(), await request.text(), copy.bodyUsed, request.bodyUsed];
    }, post());
    expect(said).toEqual(["hello", "hello", true, true]);
  });

  it("fetch(request) sends it on", async () => {
    const upstream = createServer((req, res) => {
      const parts: Buffer[] = [];
      req.on("data", (part: Buffer) => parts.push(part));
      req.on("end", () => res.end(JSON.stringify([req.method, req.headers["x-one"], Buffer.concat(parts).toString()])));
    }).listen(0, "127.0.0.1");
    await once(upstream, "listening");
    const { port } = upstream.address() as AddressInfo;
    // a proxy's Host: the Request that is sent on goes to the upstream
    const host = `127.0.0.1:${port}`;
    const said = await new Promise<string>((resolve, reject) => {
      handler = async (request) => {
        try {
          resolve(await (await fetch(request)).text());
        } catch (error) {
          reject(error as Error);
        }
        return new Response("ok");
      };
      const { hostname, port: own } = new URL(url);
      void import("node:http").then(({ request }) =>
        request({ hostname, port: own, method: "POST", headers: { Host: host, "X-One": "1", "Content-Length": 5 } })
          .on("response", (response) => response.resume())
          .on("error", reject)
          .end("hello"),
      );
    });
    upstream.close();
    expect(JSON.parse(said)).toEqual(["POST", "1", "hello"]);
  });

  it.each<[string, (request: Request) => Promise<unknown>, unknown]>([
    ["text", (request) => request.text(), '{"a":"ü"}'],
    ["json", (request) => request.json(), { a: "ü" }],
    ["bytes", async (request) => [...(await request.bytes())], [...Buffer.from('{"a":"ü"}')]],
    ["arrayBuffer", async (request) => Buffer.from(await request.arrayBuffer()).toString(), '{"a":"ü"}'],
    ["arrayBuffer, of the body alone", async (request) => (await request.arrayBuffer()).byteLength, 10],
    [
      "blob",
      async (request) => [(await request.clone().blob()).type, await (await request.blob()).text()],
      ["text/plain", '{"a":"ü"}'],
    ],
  ])("%s() reads the body", async (_name, read, wanted) => {
    expect(await found(read, post('{"a":"ü"}'))).toEqual(wanted);
  });

  it("formData() reads both kinds of forms, files too", async () => {
    const form = new FormData();
    form.set("name", "Ada");
    form.set("file", new File(["content"], "a.txt", { type: "text/plain" }));
    const read = async (request: Request): Promise<unknown> => {
      const data = await request.formData();
      const file = data.get("file");
      return [data.get("name"), file instanceof File ? [file.name, await file.text()] : file];
    };
    expect(await found(read, { method: "POST", body: form })).toEqual(["Ada", ["a.txt", "content"]]);
    expect(await found(read, { method: "POST", body: new URLSearchParams({ name: "Ada" }) })).toEqual(["Ada", null]);
    await expect(found(read, post())).rejects.toThrow(TypeError);
  });

  // A form without any field was a TypeError here, and an empty form on the other runtimes: its Content-Type was not looked at.
  it("an empty form is a form", async () => {
    const init = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } };
    expect(await found(async (request) => [...(await request.formData())], init)).toEqual([]);
    expect(await found(async (request) => (await request.blob()).type, init)).toBe(init.headers["content-type"]);
  });

  it("its body is a stream", async () => {
    const read = async (request: Request): Promise<unknown> => {
      const { body } = request;
      return [body instanceof ReadableStream, body === request.body, await new Response(body).text(), request.bodyUsed];
    };
    expect(await found(read, post())).toEqual([true, true, "hello", true]);
  });

  it("without a body is read as empty, again and again", async () => {
    const read = async (request: Request): Promise<unknown> => {
      const texts = [await request.text(), await request.text()];
      return [request.body, ...texts, request.bodyUsed, await request.json().catch((error: Error) => error.name)];
    };
    expect(await found(read)).toEqual([null, "", "", false, "SyntaxError"]);
  });

  it("its body is read once, and then nothing can be made of it", async () => {
    const read = async (request: Request): Promise<unknown> => {
      const reading = request.text();
      const used = request.bodyUsed;
      const tries: (() => unknown)[] = [
        () => request.text(),
        () => request.json(),
        () => request.formData(),
        () => request.clone(),
        () => new Request(request),
        () => fetch(request),
      ];
      const names = [];
      for (const attempt of tries)
        names.push(
          await Promise.resolve()
            .then(attempt)
            .then(
              () => "no error",
              (error: Error) => error.name,
            ),
        );
      return [await reading, used, request.bodyUsed, ...names];
    };
    const refused = Array.from({ length: 6 }, () => "TypeError");
    expect(await found(read, post())).toEqual(["hello", true, true, ...refused]);
  });

  it("a body that is no JSON is a SyntaxError, and one beyond the limit an InputError", async () => {
    await expect(found((request) => request.json(), post("{"))).rejects.toThrow(SyntaxError);
    const large = post("x".repeat(1001));
    for (const kind of ["text", "json", "arrayBuffer", "blob", "formData"] as const)
      await expect(
        found((request) => request[kind](), {
          ...large,
          headers: { "content-type": "application/x-www-form-urlencoded" },
        }),
      ).rejects.toMatchObject({ name: "InputError", status: 413 });
  });

  it("what is set on its headers, copies have too", async () => {
    const read = async (request: Request): Promise<unknown> => {
      const { headers } = request;
      headers.set("x-two", "2");
      const first = new Request(request);
      headers.delete("x-one");
      headers.append("x-two", "3");
      const second = request.clone();
      return [first, second].map((copy) => [
        copy.headers.get("x-one"),
        copy.headers.get("x-two"),
        request.headers === headers,
      ]);
    };
    expect(await found(read, { headers: { "X-One": "1" } })).toEqual([
      ["1", "2", true],
      [null, "2, 3", true],
    ]);
  });

  it("its signal aborts when the client leaves, and so does that of a fetch that it is passed to", async () => {
    const leaving = new AbortController();
    const aborted = new Promise<string>((resolve) => {
      handler = (request) => {
        request.signal.addEventListener("abort", () => resolve((request.signal.reason as Error).name));
        leaving.abort();
        return new Promise<Response>(() => {});
      };
    });
    await expect(fetch(url, { signal: leaving.signal })).rejects.toThrow(/abort/);
    expect(await aborted).toBe("AbortError");
  });
});

it.runIf(lazily)("a copy's signal follows that of a Request that is made when it is needed", async () => {
  const leaving = new AbortController();
  const aborted = new Promise<unknown>((resolve) => {
    handler = (request) => {
      const copies = [new Request(request), request.clone()];
      const all = copies.map(
        ({ signal }) => new Promise<boolean>((done) => signal.addEventListener("abort", () => done(signal.aborted))),
      );
      resolve(Promise.all(all));
      leaving.abort();
      return new Promise<Response>(() => {});
    };
  });
  await expect(fetch(url, { signal: leaving.signal })).rejects.toThrow(/abort/);
  expect(await aborted).toEqual([true, true]);
});

it.runIf(lazily)("somebody who stands in for the Request by a Proxy may read it through the Proxy", async () => {
  const read = async (request: Request): Promise<unknown> => {
    const proxy = new Proxy(request, {});
    return [proxy.method, proxy.headers.get("x-one"), proxy.redirect, await proxy.text(), proxy.bodyUsed];
  };
  expect(await found(read, post())).toEqual(["POST", "1", "follow", "hello", true]);
});

describe("a Response", () => {
  it.each<[string, () => Response, string]>([
    ["of text", () => new Response("täxt"), "täxt"],
    ["of bytes", () => new Response(new Uint8Array([0xe4, 0x41])), "\u00e4A"],
    ["of a form", () => new Response(new URLSearchParams({ a: "ü" })), "a=%C3%BC"],
    ["that is empty", () => new Response(""), ""],
    ["without a body", () => new Response(null), ""],
    ["that was cloned", () => new Response("twice").clone(), "twice"],
    [
      "whose clone was read",
      () => {
        const response = new Response("twice");
        void response.clone().text();
        return response;
      },
      "twice",
    ],
    ["made of another's body", () => new Response(new Response("inner").body), "inner"],
  ])("%s goes out whole, with its length", async (_name, made, wanted) => {
    handler = made;
    const answer = await fetch(url);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([bytes.toString(wanted === "\u00e4A" ? "latin1" : "utf8"), answer.headers.get("content-length")]).toEqual([
      wanted,
      String(bytes.length),
    ]);
  });

  it("of a blob goes out", async () => {
    handler = () => new Response(new Blob(["blob"]));
    expect(await (await fetch(url)).text()).toBe("blob");
  });

  // what a Response was made of is there even when its stream was read: then nothing may go out
  it.each<[string, () => Promise<Response> | Response]>([
    [
      "read",
      async () => {
        const response = new Response("read");
        await response.text();
        return response;
      },
    ],
    [
      "begun to be read",
      async () => {
        const response = new Response("read");
        const reader = response.body?.getReader();
        await reader?.read();
        reader?.releaseLock();
        return response;
      },
    ],
    [
      "cancelled",
      async () => {
        const response = new Response("read");
        await response.body?.cancel();
        return response;
      },
    ],
  ])("whose body was %s is a 500", async (_name, made) => {
    handler = made;
    expect((await fetch(url)).status).toBe(500);
  });

  it("goes out once: a second time it is a 500", async () => {
    const response = new Response("once");
    handler = () => response;
    const first = await fetch(url);
    expect([first.status, await first.text()]).toEqual([200, "once"]);
    expect((await fetch(url)).status).toBe(500);
  });
});
