import { mkdir, readFile, writeFile } from "node:fs/promises";
import { PERMITTED } from "@tsgi/testing";
import { exceptions, type Exception } from "./exceptions.ts";
import { rowNames, type Result } from "./run.ts";

// The matrix of rows and runtimes: printed for whoever runs the tests, and written down without dates or times, so that
// the file changes only when a result does.

export type Results = ReadonlyMap<string, ReadonlyMap<string, Result>>;

/** The named exception for a row on a runtime, if there is one. */
export function exceptionFor(runtime: string, row: string): Exception | undefined {
  return exceptions.find((one) => one.runtime === runtime && one.rows.includes(row));
}

function mark(runtime: string, row: string, result: Result | undefined): string {
  if (result === undefined) return "not run";
  if ("answers" in result) return "ok";
  return exceptionFor(runtime, row) === undefined ? "**failed**" : `[${number(runtime, row)}](#exceptions)`;
}

/** An exception's place in the list. */
function number(runtime: string, row: string): number {
  return exceptions.indexOf(exceptionFor(runtime, row) as Exception) + 1;
}

const topics = [...new Set(rowNames.map(topicOf))];

function topicOf(row: string): string {
  return row.slice(0, row.indexOf(":"));
}

function counts(
  results: Results,
  runtime: string,
  topic: string | undefined,
): [passed: number, excepted: number, rows: number] {
  const rows = rowNames.filter((row) => topic === undefined || topicOf(row) === topic);
  const of = results.get(runtime);
  const passed = rows.filter((row) => "answers" in (of?.get(row) ?? {})).length;
  const excepted = rows.filter(
    (row) => "error" in (of?.get(row) ?? {}) && exceptionFor(runtime, row) !== undefined,
  ).length;
  return [passed, excepted, rows.length];
}

/** One line a topic, for the terminal. */
export function summary(results: Results): string {
  const runtimes = [...results.keys()];
  const cell = (runtime: string, topic?: string): string => {
    const [passed, excepted, rows] = counts(results, runtime, topic);
    const failed = rows - passed - excepted;
    return `${passed}/${rows}${excepted > 0 ? ` (${excepted} excepted)` : ""}${failed > 0 ? ` ${failed} FAILED` : ""}`;
  };
  const lines = [
    ["conformance", ...runtimes],
    ...topics.map((topic) => [topic, ...runtimes.map((name) => cell(name, topic))]),
  ];
  lines.push(["all", ...runtimes.map((name) => cell(name))]);
  return lines
    .map((line) =>
      line
        .map((text, i) => text.padEnd(i === 0 ? 16 : 26))
        .join("")
        .trimEnd(),
    )
    .join("\n");
}

/** The page `docs/conformance.md`. */
export function page(results: Results): string {
  const runtimes = [...results.keys()];
  const permitted = new Set<string>();
  for (const of of results.values())
    for (const result of of.values())
      if ("answers" in result)
        for (const answer of result.answers) if (answer.startsWith("permitted: ")) permitted.add(answer.slice(11));
  return `# Conformance

Printed by the tests in \`runtime-tests\`; change nothing here by hand. Each row is an app in a server of its own process
and a client that looks at it over a socket; all of them are in \`packages/testing/src/conformance/rows\`, those of the topic
\`wire\` are the fixtures in \`packages/testing/wire\`. Where a row passes on several runtimes its answers are the same on all
of them, but for the differences below.

## Result

${table(
  ["topic", ...runtimes],
  [...topics, undefined].map((topic) => [
    topic ?? "**all**",
    ...runtimes.map((runtime) => {
      const [passed, excepted, rows] = counts(results, runtime, topic);
      return `${passed} of ${rows}${excepted > 0 ? `, ${excepted} excepted` : ""}`;
    }),
  ]),
)}

## Exceptions

What a runtime does that no adapter can mend. An exception that no longer occurs fails the tests, and goes.

${exceptions
  .map(
    ({ runtime, rows, reason, link }, i) =>
      `${i + 1}. **${runtime}**, ${rows.length === 1 ? "one row" : `${rows.length} rows`}: ${reason}. <${link}>`,
  )
  .join("\n")}

## Permitted differences

${PERMITTED.map(({ what, why }) => `- ${what}: ${why}`).join("\n")}

An answer is left out of the comparison where more than one is right:

${[...permitted]
  .sort()
  .map((reason) => `- ${reason}`)
  .join("\n")}

## Rows

${table(
  ["row", ...runtimes],
  rowNames.map((row) => [row, ...runtimes.map((runtime) => mark(runtime, row, results.get(runtime)?.get(row)))]),
)}
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((line) => `| ${line.map(escape).join(" | ")} |`).join("\n");
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

/** Writes the page when it says something new. */
export async function writePage(results: Results): Promise<void> {
  const file = new URL("../docs/conformance.md", import.meta.url);
  const text = page(results);
  if ((await readFile(file, "utf8").catch(() => "")) === text) return;
  await mkdir(new URL(".", file), { recursive: true });
  await writeFile(file, text);
}
