import { readFileSync } from "node:fs";
import process from "node:process";
import type { FileScope } from "./context.ts";
import type { Value } from "./draft.ts";
import { ConfigError, type Place, type Warning } from "./error.ts";
import type { Environment } from "./interpolate.ts";
import type { PackageCache } from "./entry-point.ts";
import { faultOf, parse, type Document } from "./parse.ts";
import { Pending } from "./pending.ts";
import { printable, shown } from "./quote.ts";
import type { KnownModules } from "./resolve.ts";
import { SectionIndex } from "./sections.ts";

/** One load: the files read, each once, and what is to be said about them. */
export class Session {
  readonly environment: Environment;
  /** In the order in which they were first read. */
  readonly documents = new Map<string, Document>();
  /** Files together with the variables that they were given. */
  readonly scopes = new Map<Document, Map<ReadonlyMap<string, Value> | undefined, FileScope>>();
  private readonly indexes = new Map<Document, SectionIndex>();
  /** What was named before, by folder: a thousand sections may name the same module. */
  private readonly modules = new Map<string, KnownModules>();
  /** What had to be imported to know it. */
  readonly packages: PackageCache = { groups: new Map(), byDeno: new Map() };
  private readonly said = new Map<string, Warning>();
  private readonly report: ((error: unknown) => void) | undefined;

  /** @param report gets what is wrong and keeps nothing else from being looked at; without it that is thrown */
  constructor(environment: Environment = (name) => process.env[name], report?: (error: unknown) => void) {
    this.environment = environment;
    this.report = report;
  }

  get files(): string[] {
    return [...this.documents.keys()];
  }

  get warnings(): Warning[] {
    return [...this.said.values()];
  }

  /** A file's sections by name: the same for all who refer to it. */
  indexOf(document: Document): SectionIndex {
    let index = this.indexes.get(document);
    if (index !== undefined) return index;
    this.indexes.set(document, (index = new SectionIndex(document)));
    for (const { section, hint } of index.misspelt())
      this.warn({
        message: `nothing reads [${shown(section.name)}]${hint}`,
        at: section.at,
        section: section.name,
      });
    return index;
  }

  /** What was named before in the files of a folder. */
  modulesIn(folder: string): KnownModules {
    let known = this.modules.get(folder);
    if (known === undefined) this.modules.set(folder, (known = new Map()));
    return known;
  }

  warn(warning: Warning): void {
    const { at, message } = warning;
    this.said.set(`${at.file}:${at.line}:${at.column}:${message}`, warning);
  }

  /**
   * Reads a file.
   *
   * @param file its absolute path
   * @param place what names it
   * @throws ConfigError (io, value) for a file that cannot be read; faults of its text are in the document
   */
  read(file: string, place: Place = {}): Document {
    let document = this.documents.get(file);
    if (document === undefined) {
      document = readDocument(file, place);
      this.documents.set(file, document);
      for (const warning of document.warnings) this.warn(warning);
    }
    return document;
  }

  /** Reads a file that must have no fault. @throws ConfigError */
  sound(file: string, place: Place = {}): Document {
    const document = this.read(file, place);
    const fault = faultOf(document);
    if (fault === undefined) return document;
    if (this.report === undefined) throw fault;
    document.errors.forEach(this.report);
    return document;
  }

  /** Says what is wrong with something that can be done without. @throws that, unless somebody wants all that is wrong */
  fault(error: unknown): void {
    if (this.report === undefined || error instanceof Pending) throw error;
    this.report(error);
  }

  /** The results of steps of which none needs another. @throws what the first that fails does, once all were tried where all that is wrong is wanted */
  all<T>(steps: readonly (() => T)[]): T[] {
    const results: T[] = [];
    let failed: { error: unknown } | undefined;
    for (const step of steps)
      try {
        results.push(step());
      } catch (error) {
        this.fault(error);
        failed ??= { error };
      }
    if (failed !== undefined) throw failed.error;
    return results;
  }
}

function readDocument(file: string, place: Place): Document {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const missing = (error as { code?: unknown }).code === "ENOENT";
    const text = missing
      ? `No such file: ${printable(file)}`
      : `Cannot read ${printable(file)}: ${printable((error as Error).message)}`;
    throw new ConfigError("io", text, place, { cause: error });
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new ConfigError("value", `${printable(file)} is not UTF-8`, place, { cause: error });
  }
  return parse(text, file);
}
