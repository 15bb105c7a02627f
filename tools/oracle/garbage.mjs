let collect;

/** Runs the garbage collector and what it sets free; several turns, since a finalizer comes in a turn of its own. */
export async function collectGarbage() {
  collect ??= await collector();
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}

async function collector() {
  const { Bun } = globalThis;
  if (Bun !== undefined) return () => Bun.gc(true);
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
