import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tools/runtimes.mjs";
import type { Block } from "./blocks.ts";

// ```sh blocks: what each line names is there. The commands themselves are run by the tests of what they start.

const read = (file: string): { name?: string; scripts?: Record<string, string> } =>
  JSON.parse(readFileSync(join(ROOT, file), "utf8"));
const SCRIPTS = read("package.json").scripts ?? {};
const PACKAGES = new Set(readdirSync(join(ROOT, "packages")).map((name) => read(`packages/${name}/package.json`).name));
/** What readers install beside ours. */
const OTHERS = new Set(["hono", "express"]);
/** How the command `tsgi` is typed. */
const TSGI = /^(?:npx|bunx --bun|deno run -A) (?:npm:)?tsgi /;

/** The lines of a block that nothing stands behind. */
export function uncheckedCommands(block: Block, all: readonly Block[]): string[] {
  const lines = block.code.split("\n").map((line) => line.replace(/\s+#.*$/, "").trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#") && !isKnown(line, block.page, all));
}

function isKnown(line: string, page: string, all: readonly Block[]): boolean {
  return line.split(" && ").every((command) => isKnownCommand(command, page, all));
}

function isKnownCommand(command: string, page: string, all: readonly Block[]): boolean {
  if (TSGI.test(command)) return isTsgi(argumentsOf(command.replace(TSGI, "")));
  const words = command.split(" ");
  const last = words[words.length - 1];
  const serves = (file: string, runtime: string): boolean =>
    all.some(({ page: on, marks }) => on === page && marks.get("file") === file && marks.get("serves") === runtime);
  switch (words.slice(0, 2).join(" ")) {
    case "npm ci":
      return existsSync(join(ROOT, "package-lock.json"));
    case "npm start":
    case "npm test":
      return words[1] in SCRIPTS;
    case "npm run":
      return words[2] in SCRIPTS;
    case "npm install":
      return words.slice(2).every((name) => name.startsWith("-") || PACKAGES.has(name) || OTHERS.has(name));
    case "npx vitest":
      return words.length > 3 && words.slice(3).every((path) => existsSync(join(ROOT, path)));
    case "bun run":
      return serves(last, "bun");
    case "deno serve":
      return serves(last, "deno");
    default:
      return words[0] === "node" && serves(last.replace(/\.js$/, ".ts"), "node");
  }
}

/** The subcommands of `tsgi` and the options of each, as packages/tsgi/src/program.ts declares them. */
function subcommands(): Map<string, Set<string>> {
  const source = readFileSync(join(ROOT, "packages/tsgi/src/program.ts"), "utf8");
  const [head, ...parts] = source.slice(0, source.indexOf("return program;")).split(/^ {2}command\("/m);
  const common = optionsIn(head);
  return new Map(
    parts.map((part) => {
      const shared = part.includes(".addOption(envFile())") ? ["--env-file"] : [];
      return [/^\w+/.exec(part)?.[0] ?? "", new Set([...common, ...optionsIn(part), ...shared])];
    }),
  );
}

function optionsIn(source: string): string[] {
  const declared = source.matchAll(/(?:\.option\(|new Option\(|\.helpOption\(|\.version\(version\(\), )\s*"(-[^"]*)"/g);
  return [...declared].flatMap(([, flags]) => flags.match(/(?<![\w-])--?[a-zA-Z][\w-]*/g) ?? []);
}

const SUBCOMMANDS = subcommands();

function isTsgi([name, ...words]: string[]): boolean {
  const options = SUBCOMMANDS.get(name);
  return options !== undefined && words.every((word) => !/^-./.test(word) || options.has(word.split("=")[0]));
}

/** The words of a command line as a shell makes them. */
export function argumentsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"),
  );
}

/** What stands after `npx tsgi` on each line of a block that is run. @throws Error for a line that is none of those */
export function tsgiCommands(block: Block): string[][] {
  const lines = block.code.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    if (!line.startsWith("npx tsgi ")) throw new Error(`${block.page}:${block.line}: only lines of npx tsgi are run`);
    return argumentsOf(line.slice("npx tsgi ".length));
  });
}
