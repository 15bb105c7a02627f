import * as core from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { reportOf, runCases, runOracle, statedDifferences } from "../../../tools/oracle/run.mjs";

// What wsgiref does, case by case; `npm run oracle` prints the same as a report.

const DIRECTORY = decodeURIComponent(new URL("../../../oracle", import.meta.url).pathname);
const results = await runOracle(core, DIRECTORY);

describe.each(["validate", "handler", "util"] as const)("reference cases: %s", (kind) => {
  const cases = results.filter((result) => result.kind === kind);
  test("there are some", () => {
    expect(cases.length).toBeGreaterThan(30);
  });
  for (const { id, ok, detail } of cases)
    test(id, () => {
      expect(ok, detail).toBe(true);
    });
});

describe("the report", () => {
  test("ends with the count", () => {
    expect(reportOf(results).split("\n").at(-1)).toBe(`${results.length} passed, 0 failed`);
  });

  test("names each difference that counted, with its reason", () => {
    const report = reportOf(results);
    for (const id of new Set(results.flatMap(({ differences }) => differences))) expect(report).toContain(`  ${id} (`);
    for (const { kind, id, reason } of statedDifferences())
      expect(reason?.length ?? 0, `${kind} ${id}`).toBeGreaterThan(40);
  });

  test("names what failed", () => {
    const failed = { kind: "util", id: "one", ok: false, differences: [], detail: "what came" } as const;
    expect(reportOf([{ ...failed, differences: [] }])).toContain("FAILED util one: what came");
  });
});

// A runner that cannot fail proves nothing.
describe("the runner sees", () => {
  const start = { do: "start_response", status: "200 OK", headers: [["Content-Type", "text/plain"]] };
  const outcomes = async (kind: "validate" | "handler" | "util", tests: object[], given: object = core) =>
    (await runCases(given, kind, tests)).map(({ ok }) => ok);

  test("a validator that refuses nothing", async () => {
    const blind = { ...core, validator: (app: core.App) => app };
    const judged = await runCases(blind, "validate", [
      { id: "a", app: [{ ...start, status: 200 }], verdict: "refuse" },
      { id: "b", app: [start], environ: { REQUEST_METHOD: "FROB" }, verdict: "warn" },
      { id: "c", app: [start], server: { close: false }, verdict: "refuse" },
    ]);
    expect(judged.map(({ ok }) => ok)).toEqual([false, false, false]);
  });

  test("a validator that refuses what is right", async () => {
    const strict = {
      ...core,
      validator: () => () => {
        throw new core.ValidationError("A1", "no");
      },
    };
    expect(await outcomes("validate", [{ id: "a", app: [start], verdict: "accept" }], strict)).toEqual([false]);
  });

  test("a difference that is stated the other way round", async () => {
    const text = { id: "a", app: [start], returns: ["text"], verdict: "warn" };
    expect(await outcomes("validate", [text, { ...text, verdict: "refuse" }])).toEqual([true, true]);
    const status = { id: "b", app: [{ ...start, status: "404 Not Found" }], verdict: "refuse" };
    expect(await outcomes("validate", [status])).toEqual([false]);
  });

  test("a wrong head, body, log, and an error that was not logged", async () => {
    const expected = {
      head: ["HTTP/1.0 200 OK", "Date: {date}", "Content-Type: text/plain", "Content-Length: 1"],
      body: "x",
      log: [] as string[],
    };
    const one = { id: "a", app: [start], returns: { list: ["x"] } };
    const changes = [
      {},
      { head: [...expected.head, "X-A: 1"] },
      { body: "y" },
      { log: ["close"] },
      { error_logged: "ValueError: x" },
    ];
    const tests = changes.map((change) => ({ ...one, expect: { ...expected, ...change } }));
    expect(await outcomes("handler", tests)).toEqual([true, false, false, false, false]);
  });

  test("a wrong result of a helper", async () => {
    const shift = { id: "a", call: "shift_path_info", environ: { SCRIPT_NAME: "", PATH_INFO: "/a" } };
    const right = { returns: "a", environ: { SCRIPT_NAME: "/a", PATH_INFO: "" } };
    const tests = [right, { ...right, returns: "b" }, { ...right, environ: {} }].map((wanted) => ({
      ...shift,
      expect: wanted,
    }));
    expect(await outcomes("util", tests)).toEqual([true, false, false]);
  });

  test("what it does not know", async () => {
    const judged = await runCases(core, "validate", [
      { id: "a", app: [{ do: "dance" }], verdict: "refuse" },
      { id: "b", app: [start], returns: { soup: 1 }, verdict: "refuse" },
      { id: "c", app: [start], environ_type: "tree", verdict: "refuse" },
    ]);
    expect(judged.map(({ ok }) => ok)).toEqual([false, false, false]);
    expect(judged[0].detail).toContain("UnknownConstruct");
  });

  test("a directory without cases", async () => {
    await expect(runOracle(core, `${DIRECTORY}/nothing`)).rejects.toThrow("has none of validate_cases.json");
  });
});
