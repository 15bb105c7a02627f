import { request } from "node:http";
import type { App } from "@tsgi/core";
import { fromFetch } from "@tsgi/core";
import { afterEach, describe, expect, it } from "vitest";
import { toListener } from "../src/index.ts";
import { send, start, type Sent, type Started } from "./client.ts";
import { hosts, type Express } from "./hosts.ts";

// A body that the host's parser has taken is given back as the bytes that it stood for.

const log: string[] = [];
const errorLog = { write: (text: string): void => void log.push(text), flush: (): void => {} };

const echo: App = async (environ, startResponse) => {
  const text = await environ["tsgi.input"].text();
  startResponse("200 OK", []);
  return [text];
};
const json: App = async (environ, startResponse) => {
  const value = await environ["tsgi.input"].json<unknown>();
  startResponse("200 OK", []);
  return [JSON.stringify(value)];
};
const form: App = async (environ, startResponse) => {
  const fields = [...(await environ["tsgi.input"].formData()).entries()];
  startResponse("200 OK", []);
  return [JSON.stringify(fields)];
};
const pieces: App = async (environ, startResponse) => {
  const input = environ["tsgi.input"];
  const first = await input.read(3);
  let rest = "";
  for await (const chunk of input) rest += new TextDecoder().decode(chunk);
  startResponse("200 OK", []);
  return [`${new TextDecoder().decode(first)}|${rest}`];
};
const fetched = fromFetch(async (request) => new Response(await request.text()));

let host: Started | undefined;
const post = async (server: Express, sent: Sent): Promise<{ status: number; text: string }> => {
  host = await start(server);
  const { status, text } = await send(host.port, { method: "POST", path: "/wiki", ...sent });
  return { status, text };
};
afterEach(async () => {
  await host?.stop();
  host = undefined;
  log.length = 0;
});

const JSON_BODY: Sent = { headers: { "content-type": "application/json" }, body: '{"a":[1,"é"]}' };
const FORM_BODY: Sent = {
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: "a=1&b=%C3%A9&b=2&c=",
};

describe.each(hosts)("$label", ({ express }) => {
  it.each<[string, App, string]>([
    ["text()", echo, '{"a":[1,"é"]}'],
    ["json()", json, '{"a":[1,"é"]}'],
    ["read() and iteration", pieces, '{"a|":[1,"é"]}'],
    ["a fetch handler", fetched, '{"a":[1,"é"]}'],
  ])("express.json() before: %s", async (_name, app, expected) => {
    const server = express().use(express.json()).use("/wiki", toListener(app));
    expect(await post(server, JSON_BODY)).toEqual({ status: 200, text: expected });
  });

  it("express.json() on a type that ends in +json, and on a body of null", async () => {
    const server = express().use(express.json()).use("/wiki", toListener(json));
    expect(
      (await post(server, { headers: { "content-type": "application/problem+json" }, body: '{"a":1}' })).text,
    ).toBe('{"a":1}');
    expect(
      (
        await send(host?.port as number, {
          method: "POST",
          path: "/wiki",
          headers: { "content-type": "application/json" },
          body: "[]",
        })
      ).text,
    ).toBe("[]");
  });

  it("express.urlencoded() before: the fields are there, repeated and empty ones too", async () => {
    const server = express()
      .use(express.urlencoded({ extended: false }))
      .use("/wiki", toListener(form));
    expect(JSON.parse((await post(server, FORM_BODY)).text)).toEqual([
      ["a", "1"],
      ["b", "é"],
      ["b", "2"],
      ["c", ""],
    ]);
  });

  it("express.urlencoded({ extended: true }): nested fields go back into their brackets", async () => {
    const server = express()
      .use(express.urlencoded({ extended: true }))
      .use("/wiki", toListener(form));
    const body = "page[title]=Start&page[tags][]=a&page[tags][]=b&x=1";
    const fields = JSON.parse((await post(server, { ...FORM_BODY, body })).text) as [string, string][];
    expect(fields).toEqual([
      ["page[title]", "Start"],
      ["page[tags]", "a"],
      ["page[tags]", "b"],
      ["x", "1"],
    ]);
  });

  it("express.text() and express.raw() before", async () => {
    const server = express()
      .use(express.text())
      .use(express.raw({ type: "application/octet-stream" }))
      .use("/wiki", toListener(echo));
    expect((await post(server, { headers: { "content-type": "text/plain" }, body: "plain é" })).text).toBe("plain é");
    const raw = await send(host?.port as number, {
      method: "POST",
      path: "/wiki",
      headers: { "content-type": "application/octet-stream" },
      body: "raw",
    });
    expect(raw.text).toBe("raw");
  });

  it("a parser that leaves this body alone changes nothing", async () => {
    const server = express()
      .use(express.json())
      .use(express.urlencoded({ extended: true }))
      .use("/wiki", toListener(echo));
    expect((await post(server, { headers: { "content-type": "text/plain" }, body: "untouched" })).text).toBe(
      "untouched",
    );
    expect(
      (
        await send(host?.port as number, {
          method: "POST",
          path: "/wiki",
          headers: { "transfer-encoding": "chunked", "content-type": "x/y" },
          body: "chunks",
        })
      ).text,
    ).toBe("chunks");
    expect(await send(host?.port as number, { path: "/wiki" })).toMatchObject({ status: 200, text: "" });
  });

  it("an empty body behind a parser is an empty one", async () => {
    const server = express().use(express.json()).use("/wiki", toListener(echo));
    expect(await post(server, { headers: { "content-type": "application/json", "content-length": "0" } })).toEqual({
      status: 200,
      text: "",
    });
  });

  it("the limit holds for what the host has read, too", async () => {
    const server = express()
      .use(express.json())
      .use("/wiki", toListener(echo, { limits: { body: 4 } }));
    expect((await post(server, JSON_BODY)).status).toBe(413);
  });

  it("a host that took the body and left nothing of it: a 500 that says where to mount, not a hang", async () => {
    const server = express();
    server.use((req, _res, next) => {
      req.resume();
      req.once("end", () => next());
    });
    server.use("/wiki", toListener(echo, { errorLog }));
    expect((await post(server, JSON_BODY)).status).toBe(500);
    expect(log.join("")).toContain("mount the app before the body parser");
  });

  // A host that had called setEncoding gave text where bytes are promised, and a body of two pieces ended the process: they
  // were joined outside of any promise.
  it.each<[string, App]>([
    ["text()", echo],
    ["read() and iteration", pieces],
    ["a fetch handler", fetched],
    [
      "bytes()",
      async (environ, startResponse) => {
        const bytes = await environ["tsgi.input"].bytes();
        startResponse("200 OK", []);
        return [bytes];
      },
    ],
  ])("a host that has set an encoding: %s has bytes all the same", async (_name, app) => {
    const server = express();
    server.use((req, _res, next) => {
      req.setEncoding("utf8");
      next();
    });
    server.use("/wiki", toListener(app, { errorLog }));
    const body = "é".repeat(200_000);
    const got = await post(server, { body });
    expect([got.status, got.text.replaceAll(/[|\ufffd]/g, "").length]).toEqual([
      200,
      app === pieces ? 199_999 : 200_000,
    ]);
    expect(log).toEqual([]);
  });

  // A host that had paused the request, to wait for its session say, had the app wait for ever.
  it("a host that has paused the request: the body is read", async () => {
    const server = express();
    server.use((req, _res, next) => {
      req.pause();
      setImmediate(next);
    });
    server.use("/wiki", toListener(echo));
    expect(await post(server, { body: "paused" })).toEqual({ status: 200, text: "paused" });
  });

  // A body that is no object, beside a form's Content-Type, was an empty form or an error about converting undefined.
  it.each([null, 5])("a form of which the host has left %s is a 500 that says where to mount", async (left) => {
    const server = express();
    server.use((req, _res, next) => {
      req.resume();
      req.once("end", () => {
        Object.assign(req, { body: left });
        next();
      });
    });
    server.use("/wiki", toListener(echo, { errorLog }));
    expect((await post(server, FORM_BODY)).status).toBe(500);
    expect(log.join("")).toContain("mount the app before the body parser");
  });

  it("100-continue: the host's server has said it, and the body is read as ever", async () => {
    host = await start(express().use("/wiki", toListener(echo)));
    const { port } = host;
    const text = await new Promise<string>((resolve, reject) => {
      const sent = request({
        host: "127.0.0.1",
        port,
        path: "/wiki",
        method: "POST",
        agent: false,
        headers: { expect: "100-continue" },
      });
      sent.once("continue", () => sent.end("asked for"));
      sent.once("error", reject);
      sent.once("response", (res) => {
        let all = "";
        res.on("data", (data: Buffer) => (all += data.toString()));
        res.once("end", () => resolve(all));
      });
      sent.flushHeaders();
    });
    expect(text).toBe("asked for");
  });
});
