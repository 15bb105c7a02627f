import type { Schema, SchemaResult } from "@tsgi/core";
import { BUILTINS } from "./builtin/index.ts";
import { Construction } from "./construct.ts";
import { FileScope, fromUri } from "./context.ts";
import { ConfigError, formatPosition, type Warning } from "./error.ts";
import { Finisher } from "./finish.ts";
import { RunningHost } from "./host.ts";
import { given, type LoadOptions } from "./load.ts";
import { settled } from "./pending.ts";
import { factoryOf, partOf, refusal } from "./refusal.ts";
import { configFileOf } from "./read-config.ts";
import { Session } from "./session.ts";
import type { FactoryNode, Node } from "./tree.ts";
import { folderOf, parseUri } from "./uri.ts";

/** Every problem of a file at once. */
export interface Report {
  /** By file, line and column. */
  readonly errors: readonly ConfigError[];
  readonly warnings: readonly Warning[];
  readonly files: readonly string[];
}

/**
 * Loads and validates every app, filter and server of a file, not only `main`: reads all files, imports all modules, and
 * has the settings checked by the schemas that factories declare. No factory is called.
 *
 * @param uri a file's; of another URI what it names is checked
 */
export async function check(uri: string | URL, options: LoadOptions = {}): Promise<Report> {
  const found = new Problems();
  const session = new Session(options.environment, (error) => found.take(error));
  await found.during(async () => {
    const { scheme } = parseUri(String(uri));
    if (scheme === "config" || scheme === "file") await checkFile(session, uri, options, found);
    else await checkUri(session, String(uri), options, found);
  });
  return { errors: found.sorted(), warnings: session.warnings.sort(byPlace), files: session.files };
}

async function checkFile(session: Session, uri: string | URL, options: LoadOptions, found: Problems): Promise<void> {
  const file = configFileOf(uri, options);
  const document = session.read(file);
  document.errors.forEach((error) => found.add(error));
  const globalConf = given(options.globalConf);
  const scope = new FileScope(session, document, globalConf);
  const checks = new Checks(session, found, options);
  if (scope.index.objects.length === 0 && document.errors.length === 0)
    found.add(
      new ConfigError("lookup", "the file has no app, no filter and no server; [app:main] is where one begins", {
        at: { file, line: 1, column: 1 },
      }),
    );
  for (const { kind, name, section } of scope.index.objects)
    await found.during(async () => {
      const request = { kind, globalConf, trail: undefined, place: { at: section.at, section: section.name } };
      // two sections of one name are a fault of both, told once
      scope.index.find(kind, name, { at: section.at, section: section.name });
      await checks.node(await checks.finisher.node(await settled(() => scope.compose(section, request))));
    });
  const name = options.name ?? (parseUri(String(uri)).name || undefined);
  if (name !== undefined)
    await found.during(() => {
      if (!scope.index.objects.some((object) => object.name === name)) throw scope.index.missing("app", name, {});
    });
}

async function checkUri(session: Session, uri: string, options: LoadOptions, found: Problems): Promise<void> {
  const checks = new Checks(session, found, options);
  const draft = await fromUri(session, uri, options.name, folderOf(options.relativeTo), {
    kind: "app",
    globalConf: given(options.globalConf),
    trail: undefined,
    place: {},
  });
  await checks.node(await checks.finisher.node(draft));
}

/** Goes through trees; each place is told once, however many sections lead to it. */
class Checks {
  readonly finisher: Finisher;
  private readonly session: Session;
  private readonly found: Problems;
  private readonly host: RunningHost;

  constructor(session: Session, found: Problems, options: LoadOptions) {
    this.session = session;
    this.found = found;
    this.finisher = new Finisher((error) => found.take(error));
    this.host = new RunningHost(this.finisher, options.log);
  }

  async node(node: Node): Promise<void> {
    for (const part of partsOf(node)) await this.node(part);
    if (node.type !== "factory" && node.type !== "existing") return;
    await this.found.during(async () => {
      const found = await this.host.find(node.reference, partOf(node));
      if (node.type === "existing") await new Construction(this.host).existing(node);
      else {
        factoryOf(found, node);
        await this.settings(node, found.value);
      }
    });
  }

  /** Has the settings checked by the schema of a factory that declares one. */
  private async settings(node: FactoryNode, value: unknown): Promise<void> {
    if (node.reference.from === "builtin") {
      const warnings = (await BUILTINS[node.reference.name].warnings?.(node.localConf.values)) ?? [];
      for (const { key, message } of warnings) {
        const at = node.localConf.origins[key] ?? node.at;
        if (at !== undefined) this.session.warn({ message, at, section: node.section, key });
      }
    }
    const schema = (value as { settings?: Schema }).settings?.["~standard"];
    if (typeof schema?.validate !== "function") return;
    let result: SchemaResult<unknown>;
    try {
      result = await schema.validate({ ...node.localConf.values });
      if (result.issues === undefined) return;
    } catch (error) {
      throw refusal(error, node);
    }
    const issues = result.issues.map(({ message, path }) => ({
      message,
      key: (path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join("."),
    }));
    throw refusal(Object.assign(new TypeError("settings"), { name: "SettingsError", issues }), node);
  }
}

function partsOf(node: Node): Node[] {
  if (node.type === "pipeline") return [...node.filters, node.app];
  if (node.type === "filter_app") return [node.filter, node.next];
  if (node.type === "filtered_with") return [node.filter, node.inner];
  return node.type === "factory" ? Object.values(node.children ?? {}) : [];
}

/** Errors as they come, each once. */
class Problems {
  private readonly errors = new Map<string, ConfigError>();
  /** Settings whose value cannot be read, and sections that have a line which cannot. */
  private readonly unread = new Set<string>();

  add(error: ConfigError): void {
    if (error.errors.length > 0) return error.errors.forEach((each) => this.add(each));
    const { at, category, key, message } = error;
    let fault = message;
    if (category === "ini-parse") this.unread.add(placeOf(error, undefined));
    if (category.startsWith("ini-interpolation-")) {
      this.unread.add(placeOf(error, key));
      // a value of [DEFAULT] is wrong in each section that refers to it, at the same place
      if (at !== undefined) fault = `${category} ${formatPosition(at)}`;
    }
    if (!this.errors.has(fault)) this.errors.set(fault, error);
  }

  take(error: unknown): void {
    if (!(error instanceof ConfigError)) throw error;
    this.add(error);
  }

  async during(step: () => void | Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.take(error);
    }
  }

  sorted(): ConfigError[] {
    return [...this.errors.values()].filter((error) => !this.follows(error)).sort(byPlace);
  }

  /** A value that cannot be read is no good value either, and what a section lacks may stand on a line that cannot be. */
  private follows(error: ConfigError): boolean {
    const { category, key } = error;
    if (category.startsWith("ini-")) return false;
    return (key !== undefined || category === "lookup") && this.unread.has(placeOf(error, key));
  }
}

function placeOf({ at, section }: ConfigError, key: string | undefined): string {
  return JSON.stringify([at?.file, section, key]);
}

function byPlace(a: Pick<ConfigError, "at">, b: Pick<ConfigError, "at">): number {
  if (a.at === undefined || b.at === undefined) return Number(a.at !== undefined) - Number(b.at !== undefined);
  if (a.at.file !== b.at.file) return a.at.file < b.at.file ? -1 : 1;
  return a.at.line - b.at.line || a.at.column - b.at.column;
}
