import { relative, resolve, sep } from "node:path";
import { BUILTINS } from "../builtin/index.ts";
import type { Position } from "../error.ts";
import type { Conf, Reference } from "../tree.ts";
import type { Deferred } from "./deferred.ts";
import { Identifiers } from "./identifier.ts";
import { Imports } from "./imports.ts";
import { inComment, keyLiteral, listLiteral, literal } from "./literal.ts";
import { ownSpecifier, specifierFrom } from "./specifier.ts";
import type { Target } from "./target.ts";
import { Writer } from "./writer.ts";

/** How the environment is read on a target: an expression `(name) => value`. */
export type EnvironmentReader = (module: CompiledModule) => string;

export interface ModuleOptions {
  /** Folder of the written file. */
  readonly folder: string;
  /** Folder of the configuration file: places are told from there, so that messages have no path of this machine. */
  readonly root: string;
  readonly deferred: Deferred;
  readonly readVariable: EnvironmentReader;
  readonly target: Target;
}

/** The module that is being written: what it imports, the global settings that parts share, and its functions. */
export class CompiledModule {
  readonly names = new Identifiers();
  /** The functions, and what is exported. */
  readonly body = new Writer();
  /** The files among what it imports. */
  readonly files = new Set<string>();
  private readonly options: ModuleOptions;
  private readonly imports = new Imports(this.names);
  private readonly globals = new Map<string, { name: string; conf: Conf }>();
  /** Where a package is takes a look at many folders, and each line of a part asks. */
  private readonly ownSpecifiers = new Map<string, string>();
  private variable: string | undefined;

  constructor(options: ModuleOptions) {
    this.options = options;
  }

  /** A name of `@tsgi/deploy/runtime`. */
  runtime(name: string): string {
    return this.own("@tsgi/deploy/runtime", name);
  }

  /** A name of one of TSGI's packages. */
  own(specifier: string, name: string, wanted: string = name): string {
    let found = this.ownSpecifiers.get(specifier);
    if (found === undefined) {
      found = ownSpecifier(specifier, this.options.folder, this.options.target);
      this.ownSpecifiers.set(specifier, found);
    }
    return this.imports.take(found, name, wanted);
  }

  /** A name of a module that the target's runtime has. */
  native(specifier: string, name: string, wanted: string = name): string {
    return this.imports.take(specifier, name, wanted);
  }

  /** The expression for a reference. */
  reference(reference: Reference, wanted: string): string {
    const { at, written } = reference;
    let exports: string;
    let path: readonly string[] = ["factory"];
    if (reference.from === "builtin")
      exports = `{ factory: ${this.own(BUILTINS[reference.name].specifier, "factory", reference.name)} }`;
    else {
      path = reference.path;
      const { folder, target } = this.options;
      const specifier = specifierFrom(reference.specifier, reference.base, folder, target);
      if (/^\.{1,2}\//.test(specifier)) this.files.add(resolve(folder, specifier));
      const [first] = path;
      // what a CommonJS module exports is known for certain only when it has run
      if (/\.c[jt]s$/.test(specifier)) exports = this.imports.take(specifier, "*", `${wanted}Module`, at);
      else {
        const local = this.imports.take(specifier, first, first === "default" ? wanted : first, at);
        exports = local === first ? `{ ${local} }` : `{ ${keyLiteral(first)}: ${local} }`;
      }
    }
    const place = at === undefined ? "" : `, ${this.place(at)}`;
    return `${this.runtime("imported")}(${exports}, ${listLiteral(path)}, ${literal(written)}${place})`;
  }

  /** The call that gives global settings: parts have them in common, and each gets its own copy. */
  globalConf(conf: Conf): string {
    const key = JSON.stringify(conf.values);
    let known = this.globals.get(key);
    if (known === undefined) this.globals.set(key, (known = { name: this.names.take("globalConf"), conf }));
    return `${known.name}()`;
  }

  /** Writes settings, a line for each: key, value, place. */
  settings(into: Writer, conf: Conf, indent: string, before: string, after: string): void {
    const keys = Object.keys(conf.values);
    into.add(`${indent}${before}${this.runtime("settings")}([${keys.length === 0 ? `])${after}` : ""}`);
    if (keys.length === 0) return;
    for (const key of keys) {
      const at = Object.hasOwn(conf.origins, key) ? conf.origins[key] : undefined;
      const place = at === undefined ? "" : `, ${this.place(at)}`;
      into.add(`${indent}  [${literal(key)}, ${this.text(conf.values[key], at)}${place}],`, at);
    }
    into.add(`${indent}])${after}`);
  }

  /** The literal of a place. */
  place(at: Position): string {
    return literal(`${this.shown(at.file)}:${at.line}:${at.column}`);
  }

  /** A file, as the compiled module calls it. */
  shown(file: string): string {
    return relative(this.options.root, file).split(sep).join("/");
  }

  /** `wiki.ini:12`, for a comment. */
  where(at: Position | undefined): string {
    return at === undefined ? "" : inComment(`${this.shown(at.file)}:${at.line}`);
  }

  /** The whole, once all parts are written. */
  finish(head: string): Writer {
    const settings = new Writer();
    for (const { name, conf } of this.globals.values()) {
      settings.add("");
      this.settings(settings, conf, "", `const ${name} = () => `, ";");
    }
    const whole = new Writer();
    whole.add(`// ${inComment(head)}`);
    const environment = new Writer();
    if (this.variable !== undefined) {
      environment.add("");
      const reader = this.options.readVariable(this);
      environment.add(`const ${this.variable} = ${this.runtime("variables")}(${reader});`);
    }
    this.imports.write(whole);
    for (const part of [environment, settings, this.body]) whole.append(part);
    return whole;
  }

  /** A text; what is known at run time only is read there. */
  private text(value: string, at: Position | undefined): string {
    const parts = this.options.deferred.partsOf(value).map((part) => {
      if (typeof part === "string") return literal(part);
      this.variable ??= this.names.take("variable");
      const fallback = part.fallback === undefined ? "" : `, ${this.fallback(part.fallback, at)}`;
      return `${this.variable}(${literal(part.name)}, ${at === undefined ? "undefined" : this.place(at)}${fallback})`;
    });
    return parts.length === 0 ? '""' : parts.join(" + ");
  }

  /** What counts where a variable is not set; other variables in it are read only then. */
  private fallback(value: string, at: Position | undefined): string {
    const isPlain = this.options.deferred.partsOf(value).every((part) => typeof part === "string");
    return isPlain ? literal(value) : `() => ${this.text(value, at)}`;
  }
}
