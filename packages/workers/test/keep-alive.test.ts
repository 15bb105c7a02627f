import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { KeepAlive } from "../src/keep-alive.ts";

// What a Worker is kept alive for, and for how long. workerd itself is asked in the conformance tests.

let waits: { over: boolean }[];
let leaves: (() => void) | undefined;
let sink: { isTaken: boolean };
let alive: KeepAlive;

beforeEach(() => {
  vi.useFakeTimers();
  waits = [];
  leaves = undefined;
  sink = { isTaken: false };
  const ctx = {
    waitUntil: (promise: Promise<unknown>) => {
      const wait = { over: false };
      waits.push(wait);
      void promise.then(() => (wait.over = true));
    },
  };
  const source = { listen: (left: () => void) => (leaves = left) };
  alive = new KeepAlive(ctx, source as never, sink as never);
});
afterEach(() => vi.useRealTimers());

const held = (): number => waits.filter(({ over }) => !over).length;
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

it("an app at work is waited for until the end, and nothing stays behind", async () => {
  await pass(100);
  expect(held()).toBe(1);
  alive.end();
  await pass(0);
  expect(held()).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it("a client is listened for once its answer has taken 10 ms", async () => {
  await pass(9);
  expect(leaves).toBeUndefined();
  await pass(1);
  expect(leaves).toBeTypeOf("function");
});

it.each(["before", "after"])(
  "a stream that is taken %s somebody listens is not waited for from then on, and again for its clean-up",
  async (when) => {
    const take = (): void => {
      sink.isTaken = true;
      alive.taken();
    };
    if (when === "before") {
      take();
      await pass(9);
      // nobody would hear of a client that leaves now
      expect(held()).toBe(1);
    }
    await pass(10);
    if (when === "after") take();
    await pass(0);
    expect(held()).toBe(0);
    alive.hold();
    expect(held()).toBe(1);
    alive.end();
    await pass(0);
    expect(held()).toBe(0);
  },
);

it("a client that leaves gives the app five seconds, whatever it does with them", async () => {
  await pass(10);
  leaves?.();
  alive.hold();
  await pass(4999);
  expect(held()).toBe(1);
  await pass(1);
  expect(held()).toBe(0);
  expect(waits).toHaveLength(2);
});

it("who leaves after the end leaves nothing to wait for", async () => {
  await pass(10);
  alive.end();
  leaves?.();
  await pass(0);
  expect(held()).toBe(0);
});
