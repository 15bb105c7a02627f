import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect;

/** Runs the garbage collector and what it sets free; several turns, since a finalizer comes in a turn of its own. */
export async function collectGarbage() {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc");
  }
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
