import { check as checkFile, ConfigError, type Position, type Strings, type Warning } from "@tsgi/deploy";
import { commandSettings, configOf } from "../composition.ts";
import { loadEnvFiles } from "../env-file.ts";
import { UsageError } from "../failure.ts";
import { folderOf, targetOf, type ConfigTarget } from "../target.ts";
import { colors, print } from "../terminal.ts";
import { placeOf } from "../tree-text.ts";
import { variablesOf } from "../variables.ts";

export interface CheckOptions {
  json?: boolean;
  envFile?: string[];
}

/** One line of the report. */
interface Problem {
  readonly kind: "error" | "warning";
  readonly at: Position | undefined;
  readonly message: string;
}

/** `tsgi check`: every problem of a file at once, in the order of file and line. @returns 1 when one is an error */
export async function check(name: string, variables: readonly string[], options: CheckOptions): Promise<number> {
  const target = targetOf(name);
  if (target.kind !== "config") throw new UsageError(`${name} is a module: only an INI file can be checked`);
  await loadEnvFiles(options.envFile, folderOf(target));
  const globalConf = variablesOf(variables);
  const { errors: found, warnings, files } = await checkFile(target.uri, { globalConf });
  const errors = [...found, ...(await ownErrors(target, globalConf))];
  const problems = [...errors.map(problemOf("error")), ...warnings.map(problemOf("warning"))].sort(inOrder(files));
  if (options.json === true) print(JSON.stringify({ files, problems }, null, 2));
  else {
    for (const problem of problems) print(lineOf(problem));
    print(summary(errors.length, warnings.length, files.length));
  }
  return errors.length === 0 ? 0 : 1;
}

/** What is wrong in the section for the command itself, of a file that can be read. */
async function ownErrors(target: ConfigTarget, globalConf: Strings): Promise<ConfigError[]> {
  const file = await configOf(target, globalConf).catch(() => undefined);
  try {
    await commandSettings(file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [error];
    throw error;
  }
}

function problemOf(kind: Problem["kind"]) {
  return ({ at, message }: ConfigError | Warning): Problem => {
    const place = at === undefined ? "" : `${at.file}:${at.line}:${at.column}: `;
    return { kind, at, message: message.startsWith(place) ? message.slice(place.length) : message };
  };
}

function inOrder(files: readonly string[]) {
  const place = ({ at }: Problem): [number, number, number] =>
    at === undefined ? [-1, 0, 0] : [files.indexOf(at.file), at.line, at.column];
  return (one: Problem, other: Problem): number => {
    const [a, b] = [place(one), place(other)];
    return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
  };
}

function lineOf({ kind, at, message }: Problem): string {
  const label = kind === "error" ? colors.red("error:") : colors.yellow("warning:");
  return `${at === undefined ? "" : `${placeOf(at)}: `}${label} ${message}`;
}

function summary(errors: number, warnings: number, files: number): string {
  const found = `${count(errors, "error")}, ${count(warnings, "warning")} in ${count(files, "file")}`;
  return errors === 0 ? colors.green(found) : colors.red(found);
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
