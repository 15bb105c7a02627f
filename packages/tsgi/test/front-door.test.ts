import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { App } from "@tsgi/core";
import * as core from "@tsgi/core";
import * as front from "../src/default.ts";
import * as bun from "../src/bun.ts";
import * as deno from "../src/deno.ts";
import * as node from "../src/node.ts";
import * as workerd from "../src/workerd.ts";
import { command, startWorkerd } from "../../../tools/runtimes.mjs";

const run = promisify(execFile);
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const hello: App = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return ["Hello"];
};

describe.each(Object.entries({ node, bun, deno, workerd, default: front }))("tsgi under %s", (_name, entry) => {
  test("gives every name of core, and it is core's own", () => {
    const given: Record<string, unknown> = entry;
    for (const [name, value] of Object.entries(core)) expect(given[name], name).toBe(value);
  });

  test("gives serve and toHandler", () => {
    expect(entry.serve).toBeTypeOf("function");
    expect(entry.toHandler).toBeTypeOf("function");
  });
});

test("toHandler is the adapter's own", () => {
  expect(node.toHandler).toBe(node.toListener);
  expect(bun.toHandler).toBe(bun.toBun);
  expect(deno.toHandler).toBe(deno.toDeno);
  expect(workerd.toHandler).toBe(workerd.toWorker);
});

test("where no runtime is known toHandler gives { fetch }, and serve says which conditions there are", async () => {
  const answer = await front.toHandler(Promise.resolve(hello)).fetch(new Request("http://localhost/"));
  expect(await answer.text()).toBe("Hello");
  await expect(front.serve(hello)).rejects.toThrow("export conditions node, bun, deno and workerd");
});

test("where no runtime is known toHandler passes on the app's end", async () => {
  let ended = 0;
  const app: App = Object.assign((...request: Parameters<App>) => hello(...request), {
    [Symbol.asyncDispose]: async () => void ended++,
  });
  await front.toHandler(app)[Symbol.asyncDispose]?.();
  expect(ended).toBe(1);
});

describe("import of the built package", () => {
  test.each([
    ["node", "toListener"],
    ["bun", "toBun"],
    ["deno", "toDeno"],
  ] as const)("on %s serves by that runtime's own server", async (runtime, handler) => {
    const { file, args, env } = command(runtime, fixture("serve.mjs"));
    const { stdout, stderr } = await run(file, args, { env, timeout: 15_000 });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ text: `Hello from ${runtime}`, handler });
  });

  test("on workerd answers, and serve says what to write instead", async () => {
    const { child, port, exited } = await startWorkerd(fixture("worker.mjs"));
    try {
      const answer = await fetch(`http://127.0.0.1:${await port}/`);
      expect(await answer.json()).toEqual({
        text: "Hello from workerd",
        handler: "toWorker",
        refusal: "serve: a Worker does not listen; write `export default toWorker(app)`, and workerd serves that",
      });
    } finally {
      child.kill();
      await exited;
    }
  });
});
