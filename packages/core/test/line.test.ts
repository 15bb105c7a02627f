import { describe, expect, it } from "vitest";
import { Line, type Placed } from "../src/line.ts";

const member = (name: string): Placed & { name: string } => ({ name, place: -1 });
const namesOf = (line: Line<Placed & { name: string }>): string[] => line.takeAll().map(({ name }) => name);

describe("a line", () => {
  it("has whoever joined and has not left, wherever they stood", () => {
    for (const leaving of ["a", "b", "c"]) {
      const line = new Line<Placed & { name: string }>();
      const all = ["a", "b", "c"].map(member);
      for (const each of all) line.join(each);
      for (const each of all) if (each.name === leaving) line.leave(each);
      expect(line.size).toBe(2);
      expect(namesOf(line).toSorted()).toEqual(["a", "b", "c"].filter((name) => name !== leaving));
    }
  });

  it("lets the one go who was moved into another's place", () => {
    const line = new Line<Placed & { name: string }>();
    const [a, b, c] = [member("a"), member("b"), member("c")];
    for (const each of [a, b, c]) line.join(each);
    line.leave(a);
    line.leave(c);
    expect(namesOf(line)).toEqual(["b"]);
  });

  it("takes no notice of one that leaves twice, or never joined", () => {
    const line = new Line<Placed & { name: string }>();
    const [a, b] = [member("a"), member("b")];
    line.join(a);
    line.leave(b);
    line.leave(a);
    line.leave(a);
    expect(line.size).toBe(0);
    line.join(a);
    expect(namesOf(line)).toEqual(["a"]);
    line.leave(a);
    expect(line.size).toBe(0);
  });
});
