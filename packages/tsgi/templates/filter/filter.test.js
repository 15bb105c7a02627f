// `npm test`; on the other runtimes `bun test`, `deno test -A`
import assert from "node:assert/strict";
import { test } from "node:test";
import { request } from "@tsgi/testing";
import { main } from "./filter.js";
import app from "./app.js";

test("adds its field to the answer", async () => {
  const answer = await request(main({ name: "X-Team", value: "wiki" })(app));
  assert.equal(answer.status, 200);
  assert.equal(answer.header("X-Team"), "wiki");
});
