// A server without a grace period closed within the first milliseconds of an answer, to whose client nobody listened yet:
// the app was never told, and went on after the server was gone.
import { Line } from "@tsgi/core/adapter";
import { expect, test } from "vitest";
import { DenoSink } from "../src/response.ts";

const begun = (): { sink: DenoSink; inFlight: Line<DenoSink> } => {
  const inFlight = new Line<DenoSink>();
  const sink = new DenoSink({ closing: true }, inFlight);
  void sink.hand();
  return { sink, inFlight };
};

test("who listens after the cut is told at once, who listened before when it comes", () => {
  const told: string[] = [];
  const { sink: late } = begun();
  late.cut();
  late.onCut(() => told.push("late"));
  const { sink: early } = begun();
  early.onCut(() => told.push("early"));
  expect(told).toEqual(["late"]);
  early.cut();
  expect(told).toEqual(["late", "early"]);
});

test("an answer that takes its time stands among those in flight until it is finished", () => {
  const { sink, inFlight } = begun();
  expect(inFlight.size).toBe(1);
  sink.finished();
  sink.finished();
  expect(inFlight.size).toBe(0);
});
