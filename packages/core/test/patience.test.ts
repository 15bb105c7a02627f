import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Patience } from "../src/patience.ts";

const listener = (told: string[], name: string) => ({ place: -1, listen: () => void told.push(name) });

describe("patience", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  // Incident: all that waited were told at each turn of the timer. Under load many answers had only just begun, and made
  // an AbortSignal for nothing.
  it("tells nobody who came just before a turn of the timer, and everybody 20 ms later at most", () => {
    const told: string[] = [];
    const line = new Patience();
    line.join(listener(told, "early"));
    vi.advanceTimersByTime(9);
    line.join(listener(told, "middle"));
    vi.advanceTimersByTime(2);
    line.join(listener(told, "late"));
    expect(told).toEqual([]);
    vi.advanceTimersByTime(9);
    expect(told.toSorted()).toEqual(["early", "middle"]);
    vi.advanceTimersByTime(11);
    expect(told).toContain("late");
  });

  it("tells nobody who has left, whichever turn that was in, and then lets the process end", () => {
    const told: string[] = [];
    const line = new Patience();
    const [soon, later, stays] = ["soon", "later", "stays"].map((name) => listener(told, name));
    for (const each of [soon, later, stays]) line.join(each);
    line.leave(soon);
    vi.advanceTimersByTime(11);
    line.leave(later);
    vi.advanceTimersByTime(20);
    expect(told).toEqual(["stays"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes those that listening brings along", () => {
    const told: string[] = [];
    const line = new Patience();
    line.join({ place: -1, listen: () => line.join(listener(told, "second")) });
    vi.advanceTimersByTime(21);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(20);
    expect(told).toEqual(["second"]);
  });
});
