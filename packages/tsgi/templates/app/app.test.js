// `npm test`; on the other runtimes `bun test`, `deno test -A`
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadApp } from "@tsgi/deploy";
import { open, request } from "@tsgi/testing";

const app = await loadApp("config:app.ini", { relativeTo: import.meta.url });

test("greets, and says which path was asked for", async () => {
  const answer = await request(app, { path: "/wiki" });
  assert.equal(answer.status, 200);
  assert.match(answer.text(), /^Hello from \w+: \/wiki\n$/);
});

test("says the time until the client leaves", async () => {
  const clock = open(app, { path: "/clock" });
  assert.match(new TextDecoder().decode(await clock.next()), /^data: \d{4}-/);
  clock.disconnect();
  await clock.done;
});
