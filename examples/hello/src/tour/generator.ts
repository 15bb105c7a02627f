import type { App } from "@tsgi/core";

/** The same as a generator: startResponse runs at the first pull, and chunks leave as they come. */
export const generatorHello: App = function* (_environ, startResponse) {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  yield "Hello ";
  yield "world!";
};
