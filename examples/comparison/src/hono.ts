import { Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { stream, streamSSE } from "hono/streaming";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ALL_BYTES, DOWNLOAD_CHUNKS, downloadChunk, ETAG, EVENTS, LONG_VALUE, pause, sum, UNICODE } from "./data.ts";

// The application as a user of Hono would write it, knowing nothing of the gateway.

export const hono = new Hono();

hono.get("/", (c) => c.text("Hello\n"));
hono.get("/json", (c) => c.json({ hello: "world", n: [1, 2.5, null] }));
hono.post("/json", async (c) => {
  let given: unknown;
  try {
    given = await c.req.json();
  } catch {
    return c.json({ error: "not JSON" }, 400);
  }
  return c.json({ given }, 201);
});
hono.get("/users/:id", (c) => c.json({ id: c.req.param("id") }));
hono.get("/users/:id/posts/:post", (c) => c.json({ id: c.req.param("id"), post: c.req.param("post") }));
hono.get("/search", (c) => c.json({ q: c.req.query("q") ?? null, tags: c.req.queries("tag") ?? [] }));
hono.get("/grüße/世界", (c) => c.text(UNICODE));
hono.get("/cookies", (c) => {
  setCookie(c, "session", "abc", { path: "/", httpOnly: true, sameSite: "Lax" });
  setCookie(c, "theme", "dark", { path: "/", maxAge: 3600 });
  deleteCookie(c, "gone", { path: "/" });
  return c.text(c.req.header("cookie") ?? "none");
});
hono.get("/redirect", (c) => c.redirect("/json?from=redirect"));
hono.post("/redirect", (c) => c.redirect("/", 303));
hono.get("/error", () => {
  throw new Error("nobody shall read this");
});
hono.get("/error-later", async () => {
  await pause(5);
  throw new Error("nor this");
});
hono.delete("/users/:id", (c) => c.body(null, 204));
hono.get("/etag", (c) => {
  c.header("ETag", ETAG);
  return c.req.header("if-none-match") === ETAG ? c.body(null, 304) : c.text("version 1\n");
});
hono.post("/form", async (c) => {
  const form = await c.req.formData();
  return c.json({ name: form.get("name"), tags: form.getAll("tag") });
});
hono.post("/upload", async (c) => {
  const { title, file } = (await c.req.parseBody()) as { title: string; file: File };
  const bytes = new Uint8Array(await file.arrayBuffer());
  return c.json({ title, name: file.name, type: file.type, size: file.size, sum: sum(bytes) });
});
hono.post("/echo", async (c) =>
  c.body(await c.req.arrayBuffer(), 200, {
    "Content-Type": c.req.header("content-type") ?? "application/octet-stream",
  }),
);
hono.post(
  "/echo-stream",
  (c) => new Response(c.req.raw.body, { headers: { "Content-Type": "application/octet-stream" } }),
);
hono.post("/unread", (c) => c.text("not read\n"));
hono.get("/download", (c) => {
  c.header("Content-Type", "application/octet-stream");
  c.header("Content-Disposition", 'attachment; filename="data.bin"');
  return stream(c, async (out) => {
    for (let i = 0; i < DOWNLOAD_CHUNKS; i++) {
      await out.write(downloadChunk(i));
      await pause(1);
    }
  });
});
hono.get("/events", (c) =>
  streamSSE(c, async (out) => {
    for (const [i, data] of EVENTS.entries()) {
      await out.writeSSE({ event: "tick", data, id: String(i) });
      await pause(5);
    }
  }),
);
hono.get("/breaking", (c) => {
  let pulls = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (pulls++ === 0) return controller.enqueue(new TextEncoder().encode("the first half, "));
      await pause(20);
      throw new Error("the second half failed");
    },
  });
  return c.body(body, 200, { "Content-Type": "text/plain; charset=UTF-8" });
});
hono.get("/large-header", (c) => {
  c.header("X-Large", LONG_VALUE);
  return c.text(String(c.req.header("x-large")?.length ?? 0));
});
hono.get("/binary", (c) => c.body(ALL_BYTES, 200, { "Content-Type": "application/octet-stream" }));
hono.get("/headers", (c) =>
  c.json({
    one: c.req.header("x-one") ?? null,
    accept: c.req.header("accept") ?? null,
    host: c.req.header("host") !== undefined,
  }),
);
hono.all("/method", (c) => c.text(c.req.method));
hono.get("/status/:code", (c) => {
  const { code } = c.req.param();
  return c.text(`status ${code}`, Number(code) as ContentfulStatusCode);
});
hono.get("/no-type", (c) => c.body(new TextEncoder().encode("no type")));
hono.get("/empty", (c) => c.text(""));
hono.get("/slow", async (c) => {
  await pause(30);
  return c.text("at last\n");
});
hono.get("/files/*", (c) => c.text(decodeURI(c.req.path)));

export default hono;
