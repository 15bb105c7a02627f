import { Hono } from "hono";

interface Env {
  WIKI: { get(key: string): Promise<string | null>; put(key: string, value: string): Promise<void> };
}

const api = new Hono<{ Bindings: Env }>();
api.get("/page", async (c) => {
  c.executionCtx.waitUntil(c.env.WIKI.put("seen", "1"));
  return c.text((await c.env.WIKI.get("page")) ?? "empty");
});

export default api;
