import { fromFetch, urlmap, type App } from "@tsgi/core";
import { Hono } from "hono";
import { stream } from "hono/streaming";
import { app } from "./app.ts";
import { pause } from "./data.ts";

// A Hono app that lives on what its runtime gives it: bindings, an execution context, streams. It is mounted unchanged.

type Env = { Bindings: { GREETING: string } };

let finished = 0;

const api = new Hono<Env>();
api.get("/", (c) => c.text(`root of ${new URL(c.req.url).pathname}`));
api.get("/greeting/:name", (c) => c.text(`${c.env.GREETING}, ${c.req.param("name")}`));
api.post("/jobs", (c) => {
  c.executionCtx.waitUntil(
    pause(20).then(() => {
      finished++;
    }),
  );
  return c.json({ finished }, 202);
});
api.get("/jobs", (c) => c.json({ finished }));
api.get("/count/:to", (c) =>
  stream(c, async (out) => {
    for (let i = 1; i <= Number(c.req.param("to")); i++) {
      await out.write(`${i} `);
      await pause(5);
    }
  }),
);
api.post("/shout", (c) => {
  const loud = new TransformStream<string, string>({
    transform: (text, controller) => controller.enqueue(text.toUpperCase()),
  });
  const body = (c.req.raw.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(loud)
    .pipeThrough(new TextEncoderStream());
  return c.body(body);
});

const versioned = new Hono<Env>().route("/v1", api);

export const mounted: App = urlmap({ "/": app, "/api": fromFetch(api), "/deep/er": fromFetch(versioned) });
export default mounted;
