import { existsSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Failure, UsageError } from "../failure.ts";
import { running, type RuntimeName } from "../runtime.ts";
import { print, shown } from "../terminal.ts";
import { version } from "../version.ts";
import { write } from "../write.ts";

/** What can be made. */
export const TEMPLATES = {
  app: "an app and the INI file that serves it",
  filter: "a filter, to be published as a package",
  worker: "an app for Cloudflare Workers, and for Node, Bun and Deno",
} as const;

type Template = keyof typeof TEMPLATES;

export interface CreateOptions {
  template?: Template;
  name?: string;
  yes?: boolean;
}

/** `tsgi create`: a new project. What the command line does not say is asked at a terminal, and else the default. */
export async function create(folder: string | undefined, options: CreateOptions): Promise<number> {
  const answers = await complete(folder, options);
  if (answers === undefined) return 1;
  const { template, name } = answers;
  const root = resolve(answers.folder);
  if (existsSync(root) && !statSync(root).isDirectory())
    throw new Failure(`${shown(root)} is a file, and nothing is overwritten: name a new folder`);
  if (existsSync(root) && (await readdir(root)).some((entry) => !entry.startsWith(".git")))
    throw new Failure(`${shown(root)} is not empty, and nothing is overwritten: name a new folder`);
  for (const file of await filesOf(template)) {
    await write(join(root, file.name), file.text.replaceAll("{{name}}", name).replaceAll("{{version}}", version()));
  }
  print(`Made ${name}, ${TEMPLATES[template]}, in ${shown(root)}. Now:`);
  if (root !== process.cwd()) print(`  cd ${argument(shown(root))}`);
  for (const line of NEXT[running()]) print(`  ${line}`);
  return 0;
}

/** A path as it can be typed after a command, whatever is in it. */
function argument(path: string): string {
  const file = path.startsWith("-") ? `./${path}` : path;
  if (/^[\p{L}\p{N}_@%+=:,./-]+$/u.test(file)) return file;
  return process.platform === "win32" ? `"${file}"` : `'${file.replaceAll("'", `'\\''`)}'`;
}

/** What is to be typed then. */
const NEXT: Readonly<Record<RuntimeName, readonly string[]>> = {
  node: ["npm install", "npm run dev"],
  bun: ["bun install", "bun --bun run dev"],
  deno: ["deno install", "deno task dev"],
};

interface Answers {
  readonly folder: string;
  readonly template: Template;
  readonly name: string;
}

async function complete(folder: string | undefined, options: CreateOptions): Promise<Answers | undefined> {
  const { template, name, yes = false } = options;
  if (name !== undefined) checkName(name);
  const asks = !yes && process.stdin.isTTY && process.stdout.isTTY && (template === undefined || folder === undefined);
  if (asks) return ask(folder, options);
  if (folder === undefined) throw new UsageError("name the folder to make: tsgi create wiki --template app");
  return { folder, template: template ?? "app", name: name ?? nameOf(folder) };
}

async function ask(folder: string | undefined, options: CreateOptions): Promise<Answers | undefined> {
  const { cancel, intro, isCancel, select, text } = await import("@clack/prompts");
  intro("A new TSGI project");
  const where = folder ?? (await text({ message: "Which folder?", placeholder: "wiki", defaultValue: "wiki" }));
  if (isCancel(where)) return void cancel("Nothing was made.");
  const choices = Object.entries(TEMPLATES).map(([value, hint]) => ({ value: value as Template, label: value, hint }));
  const template = options.template ?? (await select({ message: "What shall it be?", options: choices }));
  if (isCancel(template)) return void cancel("Nothing was made.");
  return { folder: where, template, name: options.name ?? nameOf(where) };
}

/** A folder's name, as a package may be called. */
function nameOf(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._~-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "");
  return name === "" ? "app" : name;
}

/** https://docs.npmjs.com/cli/v11/configuring-npm/package-json#name */
function checkName(name: string): void {
  if (name.length > 214 || !/^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/.test(name))
    throw new UsageError(
      `--name ${JSON.stringify(name)} is no name of a package: small letters, digits, - . _ ~ were expected`,
    );
}

/** Beside `src` and beside `dist` alike. */
const FOLDER = fileURLToPath(new URL("../templates", import.meta.url));

/** npm leaves a .gitignore out of what it packs, and a package.json inside a package means something to bundlers. */
const RENAMED: Readonly<Record<string, string>> = {
  gitignore: ".gitignore",
  "package.template.json": "package.json",
};

async function filesOf(template: Template): Promise<{ name: string; text: string }[]> {
  const folder = join(existsSync(FOLDER) ? FOLDER : join(FOLDER, "../../templates"), template);
  const names = await readdir(folder);
  return Promise.all(
    names.map(async (name) => ({
      name: RENAMED[name] ?? name,
      text: await readFile(join(folder, name), "utf8"),
    })),
  );
}
