import type { App } from "@tsgi/core";

/** The plain hello: a status, headers, and a body of one chunk. */
export const hello: App = (_environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain; charset=utf-8"]]);
  return ["Hello World"];
};
