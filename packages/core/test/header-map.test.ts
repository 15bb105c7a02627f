import { HeaderMap, type HeaderList } from "@tsgi/core";
import { describe, expect, test } from "vitest";

const some = (): HeaderList => [
  ["A", "1"],
  ["b", "2"],
  ["a", "3"],
];

describe("HeaderMap", () => {
  test("reads whatever the case of a name", () => {
    const map = new HeaderMap(some());
    expect([map.get("a"), map.get("B"), map.get("zz")]).toEqual(["1", "2", undefined]);
    expect(map.getAll("A")).toEqual(["1", "3"]);
    expect(map.getAll("zz")).toEqual([]);
    expect([map.has("B"), map.has("zz"), map.size]).toEqual([true, false, 3]);
  });

  test("keeps an empty value apart from none", () => {
    const map = new HeaderMap([["X", ""]]);
    expect([map.has("x"), map.get("x"), map.setDefault("x", "y")]).toEqual([true, "", ""]);
  });

  test("is a view: changes reach the list, and the list's reach the view", () => {
    const list = some();
    const map = new HeaderMap(list);
    expect(map.list).toBe(list);
    map.set("A", "9");
    expect(list).toEqual([
      ["b", "2"],
      ["A", "9"],
    ]);
    list.push(["C", "4"]);
    expect(map.get("c")).toBe("4");
    expect([map.delete("B"), map.delete("B")]).toEqual([true, false]);
    expect(list).toEqual([
      ["A", "9"],
      ["C", "4"],
    ]);
  });

  test("set and add give the map, so that calls follow each other", () => {
    const list: HeaderList = [];
    new HeaderMap(list).set("Content-Type", "text/plain").add("Set-Cookie", "a=1").add("Set-Cookie", "b=2");
    expect(list).toEqual([
      ["Content-Type", "text/plain"],
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
    ]);
  });

  test("setDefault gives what is there, or puts the value there", () => {
    const map = new HeaderMap(some());
    expect([map.setDefault("a", "x"), map.setDefault("C", "y"), map.get("c")]).toEqual(["1", "y", "y"]);
  });

  test("add writes parameters quoted and escaped", () => {
    const map = new HeaderMap();
    map.add("Content-Disposition", "attachment", { filename: 'a "b"\\.txt' });
    map.add("X", "v", { bare: null, under_score: "u", empty: "" });
    map.add("Y", null, { only: "p" });
    expect([...map.values()]).toEqual([
      'attachment; filename="a \\"b\\"\\\\.txt"',
      'v; bare; under-score="u"; empty',
      'only="p"',
    ]);
  });

  test("lists names, values and pairs in their order; what it gives is no part of the list", () => {
    const list = some();
    const map = new HeaderMap(list);
    expect([...map.keys()]).toEqual(["A", "b", "a"]);
    expect([...map.values()]).toEqual(["1", "2", "3"]);
    expect([...map]).toEqual(list);
    for (const pair of map.entries()) pair[1] = "changed";
    expect(map.get("A")).toBe("1");
    // deleting while listing loses nothing
    for (const name of map.keys()) map.delete(name);
    expect(list).toEqual([]);
  });

  test("prints the header block", () => {
    expect(String(new HeaderMap(some()))).toBe("A: 1\r\nb: 2\r\na: 3\r\n\r\n");
    expect(String(new HeaderMap())).toBe("\r\n");
  });

  test("what is no list is refused", () => {
    expect(() => new HeaderMap({ A: "1" } as unknown as HeaderList)).toThrow(TypeError);
  });
});
