import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { run } from "./command.ts";

// docs/command.md and the command say the same: every command, every option, and lines that can be typed.

const PAGE = readFileSync(new URL("../../../docs/command.md", import.meta.url), "utf8");
const COMMANDS = ["serve", "static", "request", "show", "check", "routes", "build", "create"];

/** Each command's own part of the page. */
const part = (name: string): string => PAGE.split(/^## /m).find((each) => each.startsWith(`\`tsgi ${name}\``)) ?? "";

const help: Record<string, string> = {};
beforeAll(async () => {
  for (const name of COMMANDS) help[name] = (await run("node", [name, "--help"])).out;
});

/** The options that all commands have are said once, at the top. */
const COMMON = new Set(["--runtime", "--help", "--verbose"]);

const longOptions = (text: string): Set<string> => new Set(text.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []);

describe.each(COMMANDS)("tsgi %s", (name) => {
  test("has each option of its help on its page, and no other", () => {
    const table =
      part(name)
        .match(/^\| `-[^|]*\|/gm)
        ?.join("\n") ?? "";
    const real = [...help[name].matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
    const said = [...longOptions(table)];
    expect(said.filter((option) => !COMMON.has(option)).sort()).toEqual(
      real.filter((option) => !COMMON.has(option)).sort(),
    );
    expect(real).toEqual(expect.arrayContaining(["--runtime", "--help", "--verbose"]));
  });

  test("has examples on its page whose options it knows", () => {
    const lines = part(name).match(/^npx tsgi .*$/gm) ?? [];
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line.split(" ")[2], line).toBe(name);
      for (const option of longOptions(line)) expect(help[name], line).toContain(option);
    }
  });
});

test("every line of the page that calls the command is of one of its commands", () => {
  const lines = PAGE.match(/^(?:npx tsgi|bunx --bun tsgi|deno run -A npm:tsgi) .*$/gm) ?? [];
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) expect(COMMANDS, line).toContain(/tsgi (\S+)/.exec(line)?.[1]);
});
