import { describe, expect, it } from "vitest";
import { pipeline } from "../src/compose/pipeline.ts";
import type { App, Middleware } from "../src/contract.ts";
import { ask } from "./in-memory.ts";

const hello: App = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return ["hello"];
};
const tag =
  (name: string): Middleware =>
  (app) =>
  (environ, start) =>
    app(environ, (status, headers, error) => start(status, [...headers, ["X-Tag", name]], error));

describe("pipeline", () => {
  it("the first filter is the outermost", async () => {
    const seen = await ask(pipeline([tag("a"), tag("b")], hello));
    expect(seen.headers.filter(([name]) => name === "x-tag").map(([, value]) => value)).toEqual(["b", "a"]);
    expect(seen.text).toBe("hello");
  });

  it("filters are applied once, when the pipeline is made, from the app outwards", () => {
    const order: string[] = [];
    const note =
      (name: string): Middleware =>
      (app) => {
        order.push(name);
        return app;
      };
    const app = pipeline([note("a"), note("b"), note("c")], hello);
    expect(order).toEqual(["c", "b", "a"]);
    expect(app).toBe(hello);
  });

  it("no filters: the app itself", () => {
    expect(pipeline([], hello)).toBe(hello);
  });

  it("a filter that is none is named by its place", () => {
    expect(() => pipeline([tag("a"), undefined as unknown as Middleware], hello)).toThrow(
      new TypeError("pipeline: filter 1 is no function (app) => app"),
    );
    expect(() => pipeline([(() => undefined) as unknown as Middleware], hello)).toThrow(
      new TypeError("pipeline: filter 0 gave undefined; an app is wanted"),
    );
    expect(() => pipeline([], "hello" as unknown as App)).toThrow(new TypeError("pipeline: string is no app"));
  });
});
