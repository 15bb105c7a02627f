import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RUNTIMES } from "../../../tools/runtimes.mjs";
import { CASES } from "./cases.ts";
import { ask, canonical, twoOnOne, type Answer } from "./client.ts";
import { DIFFERENCES } from "./differences.ts";
import { start, type Server } from "./servers.ts";

// One application, written on the contract and in Hono: the same answers from both on our adapters, and from Hono on its
// own adapter, on every runtime. What differs is in differences.ts, each with whose doing it is, and nothing else may.

const SIDES = ["app", "bridged", "own"] as const;
type Side = (typeof SIDES)[number];

const PAIRS = [
  ["app", "bridged"],
  ["bridged", "own"],
] as const;

describe.each(RUNTIMES)("on %s", (runtime) => {
  const servers = {} as Record<Side, Server>;

  beforeAll(async () => {
    for (const side of SIDES) servers[side] = await start(runtime, side);
  });
  afterAll(() => Promise.all(Object.values(servers).map((server) => server.stop())));

  test.each(CASES.map((asked) => [asked.name, asked] as const))("%s", async (name, asked) => {
    const answers = {} as Record<Side, Answer>;
    for (const side of SIDES) answers[side] = await ask(servers[side].url, asked);
    for (const side of ["app", "bridged"] as const) {
      const { whole, status, body } = answers[side];
      expect(whole ? status : "broken", side).toBe(asked.status);
      if (asked.holds !== undefined) expect(body.toString() + body.toString("latin1"), side).toContain(asked.holds);
    }
    for (const [one, other] of PAIRS) {
      const listed = DIFFERENCES.filter(
        (known) => known.between === `${one} and ${other}` && known.on.includes(runtime) && known.cases.includes(name),
      );
      const [said, also] = [canonical(answers[one]), canonical(answers[other])];
      const message = `${one}:\n${show(said)}\n\n${other}:\n${show(also)}\n\n`;
      if (listed.length === 0) expect(said === also, message).toBe(true);
      else
        expect(said === also, `${message}listed as a difference, and is none any more: ${listed[0].why}`).toBe(false);
    }
  });

  test("a Response that nobody changed says its length, as on Hono's own adapter", async () => {
    for (const path of ["/", "/json", "/binary"]) {
      const lengths = SIDES.map(async (side) => {
        const { headers } = await ask(servers[side].url, { path });
        return headers.find(([name]) => name === "content-length")?.[1];
      });
      const [app, bridged, own] = await Promise.all(lengths);
      expect([bridged, own], path).toEqual([app, app]);
    }
  });

  test("a connection that carried a body nobody read serves the next request", async () => {
    for (const side of ["app", "bridged"] as const)
      expect(await twoOnOne(servers[side].url, "/unread", "x".repeat(5000)), side).toEqual([200, 200]);
  });
});

test("every listed difference names runtimes and cases that there are, once, and says whose doing it is", () => {
  const names = new Set(CASES.map(({ name }) => name));
  expect(names.size, "case names are unique").toBe(CASES.length);
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const { between, on, cases, whose, why } of DIFFERENCES) {
    for (const name of cases) {
      expect(names).toContain(name);
      for (const runtime of on) {
        expect(seen).not.toContain(`${between} ${runtime} ${name}`);
        seen.add(`${between} ${runtime} ${name}`);
      }
    }
    lines.push(`${between}, on ${on.join(", ")}: ${cases.join("; ")}\n    ${whose}: ${why}`);
  }
  console.log(
    `${seen.size} answers of ${CASES.length * RUNTIMES.length * 2} differ and are listed:\n${lines.join("\n")}`,
  );
  expect(CASES.length).toBeGreaterThan(50);
});

const show = (text: string): string => (text.length > 400 ? `${text.slice(0, 400)}… (${text.length})` : text);
