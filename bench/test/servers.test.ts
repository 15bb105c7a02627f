import { afterEach, describe, expect, test } from "vitest";
import { isOnFloor } from "../contenders.mjs";
import { launcher } from "../launch.mjs";
import { answer } from "../workloads/request.mjs";
import { WORKLOADS } from "../workloads/index.mjs";

// Ours and the bare runtime need no rival's packages: their answers are looked at here as the benchmark looks at them.
// Rivals' answers are looked at by `npm run bench`, before anything of them is measured.

const CHECKED = WORKLOADS.filter(({ check }: { check?: unknown }) => check !== undefined);
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const casesOf = (runtime: string, server: string) =>
  CHECKED.filter(({ name }) => server !== "floor" || isOnFloor(name, runtime)).flatMap((workload) =>
    (workload.options?.(server, { quick: true }) ?? [""]).map((option: string) => [
      `${workload.name} ${option}`.trim(),
      { runtime, server, workload, option },
    ]),
  );

// the benchmark's servers are pinned with taskset
describe.skipIf(process.platform !== "linux")("a server's answer is right:", () => {
  describe.each([
    ["node", "bare"],
    ["node", "floor"],
    ["node", "tsgi"],
    ["bun", "bare"],
    ["bun", "floor"],
    ["bun", "tsgi"],
    ["deno", "bare"],
    ["deno", "floor"],
    ["deno", "tsgi"],
    ["workerd", "bare"],
    ["workerd", "floor"],
    ["workerd", "tsgi"],
  ])("%s, %s", (runtime, server) => {
    test.each(casesOf(runtime, server))("%s", async (_title, { workload, option }) => {
      const made = await launcher({ runtime, server, workload: workload.name, option });
      ends.push(made.dispose);
      const started = await made.start();
      ends.push(started.stop);
      const answered = await answer(workload.request(option), started.port);
      expect(() => workload.check(answered)).not.toThrow();
    });
  });
});

test("an answer with another status, type or body is refused", () => {
  const [hello] = WORKLOADS;
  const right = {
    status: 200,
    headers: { "content-type": "text/plain; charset=utf-8" },
    body: Buffer.from("Hello World"),
  };
  expect(() => hello.check(right)).not.toThrow();
  expect(() => hello.check({ ...right, status: 404 })).toThrow("status is 404");
  expect(() => hello.check({ ...right, headers: { "content-type": "text/html" } })).toThrow("type is text/html");
  expect(() => hello.check({ ...right, body: Buffer.from("Hello Worlt") })).toThrow("other bytes");
});
