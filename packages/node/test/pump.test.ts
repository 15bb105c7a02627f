import type { ServerResponse } from "node:http";
import type { Puller } from "@tsgi/core";
import { expect, it } from "vitest";
import { Pump } from "../src/pump.ts";

// An async generator that waits for nothing kept the process to itself for as long as its client took what came: each
// chunk came later, but in the same turn of the event loop, and was taken for a turn. 600 MB were 1.2 s of silence for
// everybody else.

const CHUNK = new Uint8Array(64 * 1024);
const MEBIBYTE = 1024 * 1024;

it.each(["at hand", "later, but in the same turn"])(
  "other connections get their turn after some MiB of an answer whose chunks are %s",
  async (when) => {
    let left = 160;
    let sinceTurn = 0;
    let most = 0;
    let turns = 0;
    const count = (): void => {
      sinceTurn = 0;
      turns++;
      if (left > 0) setImmediate(count);
    };
    setImmediate(count);
    const res = {
      write: (chunk: Uint8Array) => {
        most = Math.max(most, (sinceTurn += chunk.length));
        return true;
      },
      flushHeaders: () => {},
    };
    await new Promise<void>((pumped, abort) => {
      const pullTo = (to: Puller): Uint8Array | null | undefined => {
        const chunk = left-- > 0 ? CHUNK : null;
        if (when === "at hand") return chunk;
        queueMicrotask(() => to.pulled(chunk));
        return undefined;
      };
      const chunks = { pullTo, cancel: () => {} };
      new Pump(res as unknown as ServerResponse, chunks, { pumped, abort }, undefined).run();
    });
    expect(most).toBeLessThanOrEqual(3 * MEBIBYTE);
    expect(turns).toBeGreaterThan(3);
  },
);
