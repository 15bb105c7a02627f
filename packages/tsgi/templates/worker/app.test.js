// `npm test`; on the other runtimes `bun test`, `deno test -A`
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadApp } from "@tsgi/deploy";
import { request } from "@tsgi/testing";

const app = await loadApp("config:app.ini", { relativeTo: import.meta.url });

test("greets", async () => {
  const answer = await request(app, { path: "/wiki" });
  assert.equal(answer.status, 200);
  assert.match(answer.text(), /^Hello from \w+: \/wiki\n$/);
});

test("what has fetch sees the path below its mount", async () => {
  const answer = await request(app, { path: "/api/pages" });
  assert.deepEqual(answer.json(), { path: "/pages" });
});
