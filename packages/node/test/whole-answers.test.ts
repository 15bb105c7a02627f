import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { App } from "@tsgi/core";
import { serve } from "@tsgi/node";
import { expect, test } from "vitest";
import { Raw } from "./client.ts";

const kept: WeakRef<object>[] = [];

const whole: App = (environ, startResponse) => {
  kept.push(new WeakRef((environ["tsgi.native"] as { node: { res: object } }).node.res));
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["whole"];
};

const later: App = async (environ, startResponse) => {
  await environ["tsgi.input"].text();
  return whole(environ, startResponse);
};

const streamed: App = async function* (environ, startResponse) {
  yield* whole(environ, startResponse) as string[];
};

// A connection kept the last answer on it, to know of one under way when the parser fails: 4 KB that outlived every look
// of the garbage collector. V8 made its young generation four times as large for them, and a small JSON answer took 8 %
// longer for want of cache.
test.each([
  ["whole at once", "GET", whole],
  ["of a body that was read", "POST", later],
  ["streamed", "GET", streamed],
])("an answer %s is kept by nobody while its connection stays open", async (_name, method, app) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  kept.length = 0;
  await using server = await serve(app, { port: 0 });
  const { port } = server.address as { port: number };
  const client = new Raw(port).write(`${method} / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody`);
  await client.until(/whole/);
  for (let i = 0; i < 20 && kept[0].deref() !== undefined; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
  }
  expect(kept.map((ref) => ref.deref())).toEqual([undefined]);
  // it is open: a second request is answered on it
  client.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  expect((await client.end()).match(/ 200 OK/g)).toHaveLength(2);
});
