import { main } from "@tsgi/workers/factory";
import { expect, test } from "vitest";

test("a Worker does not listen: its server factory says what to do instead", () => {
  expect(() => main.factory({}, { port: "8080" })).toThrow("`tsgi build app.ini --target workers`");
});
