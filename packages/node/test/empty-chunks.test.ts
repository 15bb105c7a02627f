import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { toFetch, type App } from "@tsgi/core";
import { expect, test } from "vitest";

// A body that filtered its chunks away, or said an empty one as a sign of life, kept a promise of each until the next that
// was not empty: the pull behind an empty chunk was handed over as a promise, and adopted by the one before it.
test("a body of any number of empty chunks keeps none of them", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const grown: number[] = [];
  async function* empty(): AsyncGenerator<string> {
    const before = held();
    for (let i = 0; i < 100_000; i++) yield "";
    grown.push(held() - before);
  }
  const app: App = async function* (_environ, startResponse) {
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    yield* empty();
    yield "first";
    yield* empty();
    yield "last";
  };
  const response = await toFetch(app)(new Request("http://127.0.0.1/"));
  expect(await response.text()).toBe("firstlast");
  expect(grown).toHaveLength(2);
  for (const bytes of grown) expect(bytes).toBeLessThan(2 * 2 ** 20);
});
