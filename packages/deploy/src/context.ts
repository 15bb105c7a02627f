import { dirname } from "node:path";
import { suggest } from "@tsgi/core/adapter";
import { BUILTINS } from "./builtin/index.ts";
import { overlay, type Draft, type ObjectType, type Table, type Trail, type Value } from "./draft.ts";
import { ConfigError, type Place, type Position } from "./error.ts";
import { interpolate, type Environment, type Raw, type Scope as Names } from "./interpolate.ts";
import { DEFAULT, type Document, type ParsedSection, type Section } from "./parse.ts";
import { quote, shown } from "./quote.ts";
import { entryPoint, GROUPS, isInstalled, isModule, moduleReference, parseModule } from "./resolve.ts";
import { settled } from "./pending.ts";
import { prefixOf, SectionIndex } from "./sections.ts";
import type { Session } from "./session.ts";
import type { Form, Kind } from "./tree.ts";
import { configPath, filePath, isUri, parseUri, type Uri } from "./uri.ts";
import { strip, words } from "./whitespace.ts";

// Sections to drafts: `use`, `set`, `get`, [DEFAULT], `filter-with`, pipelines and filter-apps. The order of the steps is
// that of paste.deploy.loadwsgi, because which error comes first, and which settings win, follow from it.

/** How deep sections may lead into each other: a stack has an end, and a file made by a program may have none. */
const MAX_DEPTH = 500;

const NOTHING: Table = new Map();

/** What a name is looked up for. */
export interface Request {
  readonly kind: Kind;
  /** Settings so far; nothing is inherited without. */
  readonly globalConf: Table | undefined;
  readonly trail: Trail | undefined;
  /** What names it, for errors. */
  readonly place: Place;
}

/** Where the names that a composite's loader is asked for are looked up. */
export interface Scope {
  readonly file: string | undefined;
  names(kind: Kind): readonly string[];
  /** `name` is a section of the scope, a URI, a module or a built-in; `undefined` means `main` or a bare `[app]`. */
  named(name: string | undefined, request: Request): Promise<Draft>;
  /** The same, at once. @throws Pending when a module has to be imported first */
  find(name: string | undefined, request: Request): Draft;
}

const OBJECT_TYPES = { app: "application", filter: "filter", server: "server" } as const satisfies Record<
  Kind,
  ObjectType
>;

/**
 * What a URI means.
 *
 * @param name beats the `#name` of the URI; default `main`
 * @param folder where relative paths start from
 */
export function fromUri(
  session: Session,
  written: string,
  name: string | undefined,
  folder: string | undefined,
  request: Request,
): Promise<Draft> {
  return settled(() => uriDraft(session, written, name, folder, request));
}

function uriDraft(
  session: Session,
  written: string,
  name: string | undefined,
  folder: string | undefined,
  request: Request,
): Draft {
  const uri = parseUri(written, request.place);
  const wanted = name ?? uri.name ?? "main";
  const base = folder ?? process.cwd();
  switch (uri.scheme) {
    case "config":
      return section(configPath(uri, folder, request.place));
    case "file": {
      if (!/\.[cm]?[jt]sx?(?::|$)/.test(uri.path)) return section(filePath(uri, folder, request.place));
      const { module, path } = parseModule(uri.path);
      const file = filePath({ ...uri, path: module }, folder, request.place);
      return ofModule(session, written, path === undefined ? file : `${file}:${path.join(".")}`, base, request);
    }
    case "call":
      if (parseModule(uri.path).path === undefined)
        throw new ConfigError("lookup", `Configuration ${quote(written)} not in format module:function`, request.place);
      return ofModule(session, written, uri.path, base, request);
    default:
      return new PackageScope(session, uri, base).find(wanted, request);
  }

  function section(file: string): Draft {
    const document = session.sound(file, request.place);
    return new FileScope(session, document, request.globalConf).section(wanted, request);
  }
}

/** A factory of a module; which protocol it has says the section that uses it. */
function ofModule(session: Session, written: string, text: string, base: string, request: Request): Draft {
  return {
    ...unnamed(request, new PackageScope(session, undefined, base)),
    reference: moduleReference(written, text, base, session.modules, request.place),
    form: undefined,
  };
}

function unnamed({ kind, globalConf, trail, place }: Request, scope: Scope) {
  return {
    kind,
    objectType: OBJECT_TYPES[kind],
    protocol: null as string | null,
    name: "",
    section: undefined,
    at: place.at,
    // shared, as the original does it: what its user sets is seen by whoever was given the same table
    globalConf: globalConf ?? new Map(),
    localConf: new Map(),
    scope,
    trail,
  };
}

/** The entry points of a package, or nothing. */
class PackageScope implements Scope {
  readonly file = undefined;
  private readonly session: Session;
  private readonly uri: Uri | undefined;
  private readonly base: string;

  constructor(session: Session, uri: Uri | undefined, base: string) {
    this.session = session;
    this.uri = uri;
    this.base = base;
  }

  names(): readonly string[] {
    return [];
  }

  named(name: string | undefined, request: Request): Promise<Draft> {
    return settled(() => this.find(name, request));
  }

  find(name: string | undefined, request: Request): Draft {
    if (name !== undefined && isUri(name)) return uriDraft(this.session, name, undefined, undefined, request);
    if (this.uri === undefined)
      throw new ConfigError(
        "lookup",
        `${quote(name ?? "main")}: no file here whose section it could be`,
        request.place,
      );
    const { group, reference } = entryPoint(
      request.kind,
      this.uri,
      name ?? "main",
      this.base,
      this.session.groups,
      request.place,
    );
    return { ...unnamed(request, this), protocol: `paste.${group}`, reference, form: undefined };
  }
}

/** A value as it is written, or given from outside. */
type Source = Raw | (Raw & { readonly at: Position });

function placed(source: Source): { readonly at: Position } | undefined {
  return "at" in source ? source : undefined;
}

/** What a section says, once read. */
interface Settings {
  readonly section: ParsedSection;
  readonly globalConf: Table;
  readonly localConf: Table;
  /** The `set` lines alone. */
  readonly additions: Table;
  readonly trail: Trail;
}

/** A file together with the variables that it was given: its names, and what its [DEFAULT] is worth. */
export class FileScope implements Scope {
  readonly file: string;
  readonly index: SectionIndex;
  private readonly session: Session;
  private readonly folder: string;
  /** [DEFAULT] as it is written, `here`, `__file__`, and what was given from outside where there is no such key. */
  private readonly raw = new Map<string, Source>();
  private readonly outside: ReadonlySet<string>;
  private readonly inherited: readonly (readonly [string, Source])[];
  private cooked: Table | undefined;

  constructor(session: Session, document: Document, globalConf: Table | undefined) {
    this.session = session;
    this.file = document.file;
    this.folder = dirname(document.file);
    this.index = new SectionIndex(document);
    this.raw.set("here", { value: this.folder, literal: true });
    this.raw.set("__file__", { value: this.file, literal: true });
    for (const option of document.sections.get(DEFAULT)?.options ?? []) this.raw.set(option.key, option);
    const outside = new Set<string>();
    for (const [key, { text, literal }] of globalConf ?? []) {
      if (this.raw.has(key)) continue;
      this.raw.set(key, { value: text, literal });
      outside.add(key);
    }
    this.outside = outside;
    this.inherited = [...this.raw].filter(([key]) => /^[sg]et /.test(key));
  }

  names(kind: Kind): readonly string[] {
    return this.index.names(kind);
  }

  named(name: string | undefined, request: Request): Promise<Draft> {
    return settled(() => this.find(name, request));
  }

  find(name: string | undefined, request: Request): Draft {
    const { kind, place } = request;
    if (name !== undefined && isUri(name)) return uriDraft(this.session, name, undefined, this.folder, request);
    const section = this.index.find(kind, name, place);
    if (section !== undefined) return this.compose(section, request);
    if (name !== undefined && isModule(name)) return ofModule(this.session, name, name, this.folder, request);
    const builtin = name !== undefined && Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
    if (builtin === undefined) throw this.index.missing(kind, name, place);
    if (!GROUPS[kind].flat().includes(builtin.protocol))
      throw this.index.missing(kind, name, place, `; the built-in of that name is a ${builtin.protocol}`);
    const reference = { from: "builtin", name: name as string, written: name as string, at: place.at } as const;
    return { ...unnamed(request, this), protocol: `paste.${builtin.protocol}`, reference, form: undefined };
  }

  /** The object of a section that must be in this file. */
  section(name: string, request: Request): Draft {
    const section = this.index.find(request.kind, name, request.place);
    if (section === undefined) throw this.index.missing(request.kind, name, request.place);
    return this.compose(section, request);
  }

  /** The object of a section. */
  compose(section: ParsedSection, request: Request): Draft {
    const { kind, trail } = request;
    const settings = this.settings(section, request.globalConf, this.enter(section, trail));
    const { globalConf, localConf } = settings;
    // for a server it is an ordinary setting
    const filterWith = kind === "server" ? undefined : take(localConf, "filter-with");
    this.require(section, localConf);
    const draft = this.object(kind, settings);
    draft.name = nameOf(section);
    draft.section = section.name;
    draft.at = section.at;
    if (filterWith === undefined) return draft;
    return {
      ...this.composed(kind, settings),
      // its settings are those of what it filters
      localConf,
      objectType: "filtered_with",
      inner: draft,
      filter: this.find(filterWith.text, {
        kind: "filter",
        globalConf,
        trail: settings.trail,
        place: placeOf(section, "filter-with", filterWith),
      }),
    };
  }

  private object(kind: Kind, settings: Settings): Draft {
    const prefix = prefixOf(settings.section.name);
    if (settings.section.name !== prefix && prefix === "filter-app") return this.filterApp(settings);
    if (settings.section.name !== prefix && prefix === "pipeline") return this.pipeline(settings);
    return settings.localConf.has("use") ? this.used(kind, settings) : this.explicit(kind, settings);
  }

  /** What all sections say by themselves: their options over [DEFAULT] and what was given. */
  settings(section: ParsedSection, given: Table | undefined, trail: Trail): Settings {
    const defaults = this.defaults();
    const globalConf: Table = new Map(defaults);
    for (const [key, value] of given ?? []) globalConf.set(key, value);
    const localConf: Table = new Map();
    let additions = NOTHING;
    const gets: [name: string, from: Value][] = [];
    const names = new SectionNames(this, section, this.session.environment);
    const take = (key: string, raw: Source): void => {
      const isSet = key.startsWith("set ");
      if (!isSet && !key.startsWith("get ") && defaults.has(key)) {
        this.warnHidden(section, key, placed(raw)?.at ?? section.at);
        return;
      }
      const { text, literal } = interpolate(raw, key, names);
      const value: Value = { text, literal, origin: placed(raw) };
      if (isSet) {
        const name = strip(key.slice(4));
        globalConf.set(name, value);
        if (additions === NOTHING) additions = new Map();
        additions.set(name, value);
      } else if (key.startsWith("get ")) gets.push([strip(key.slice(4)), value]);
      else localConf.set(key, value);
    };
    for (const option of section.options) take(option.key, option);
    // `set` and `get` lines of [DEFAULT] count in every section that has not the same
    for (const [key, raw] of this.inherited) if (section.find(key) === undefined) take(key, raw);
    for (const [name, from] of gets) {
      const value = globalConf.get(from.text);
      if (value === undefined)
        throw new ConfigError(
          "key",
          `get ${shown(name)}: there is no global setting ${quote(from.text)}${suggest(from.text, [...globalConf.keys()])}`,
          { at: from.origin?.at, section: section.name, key: `get ${name}` },
        );
      localConf.set(name, value);
    }
    return { section, globalConf, localConf, additions, trail };
  }

  /** `use = …`: another object, with the settings of this section over its own. */
  private used(kind: Kind, settings: Settings): Draft {
    const { section, globalConf, localConf, additions, trail } = settings;
    const use = take(localConf, "use") as Value;
    const place = placeOf(section, "use", use);
    const draft = this.find(use.text, { kind, globalConf, trail, place });
    for (const [key, value] of additions) draft.globalConf.set(key, value);
    overlay(draft, localConf);
    // `here` and `__file__` are those of the first file
    const file = globalConf.get("__file__");
    if (file !== undefined) draft.globalConf.set("__file__", file);
    draft.scope = this;
    draft.protocol ??= protocolOf(prefixOf(section.name));
    return draft;
  }

  /** A section that names its factory, or a thing that exists already, by the protocol. */
  private explicit(kind: Kind, settings: Settings): Draft {
    const { section, localConf, globalConf, trail } = settings;
    const found = keysOf(kind).flatMap((list) => list.find(({ key }) => localConf.has(key)) ?? []);
    if (found.length > 1)
      throw new ConfigError(
        "lookup",
        `Multiple protocols given in section '${shown(section.name)}': ${found.map(({ key }) => `${key} = ${localConf.get(key)?.text}`).join(", ")}`,
        { at: localConf.get(found[1].key)?.origin?.at ?? section.at, section: section.name, key: found[1].key },
      );
    const [protocol] = found;
    if (protocol === undefined) throw this.noLoader(kind, settings);
    const value = take(localConf, protocol.key) as Value;
    const place = placeOf(section, protocol.key, value);
    const reference = moduleReference(value.text, value.text, this.folder, this.session.modules, place);
    if (protocol.form !== undefined)
      for (const [key, { origin }] of localConf)
        if (origin !== undefined)
          this.session.warn({
            message: `${quote(key)} reaches nothing: ${protocol.key} takes a thing as it is; 'use = ${shown(value.text)}' would call a factory with it`,
            at: origin.at,
            section: section.name,
            key,
          });
    return {
      ...unnamed({ kind, globalConf, trail, place }, this),
      localConf,
      protocol: protocol.form === undefined ? `paste.${protocol.key.replace(/^.*\./, "")}` : protocol.key,
      reference,
      form: protocol.form,
    };
  }

  private noLoader(kind: Kind, { section, localConf }: Settings): ConfigError {
    const hidden = section.options.find(({ key }) => key === "use");
    const keys = keysOf(kind).flatMap((list) => list.map(({ key }) => key));
    const near = [...localConf.keys()].map((key) => suggest(key, ["use", ...keys])).find((hint) => hint !== "");
    const inherited = this.raw.has("use");
    return new ConfigError(
      "lookup",
      `No loader given in section '${shown(section.name)}'; it needs 'use = …', or one of ${[...new Set(keys)].filter((key) => key.startsWith("tsgi.")).join(", ")}${
        inherited ? "; a 'use' of [DEFAULT] is not taken over, and hides that of the section" : (near ?? "")
      }`,
      { at: hidden?.at ?? section.at, section: section.name, key: hidden?.key },
    );
  }

  private pipeline(settings: Settings): Draft {
    const { section, globalConf, localConf, trail } = settings;
    const value = take(localConf, "pipeline");
    if (value === undefined)
      throw new ConfigError(
        "lookup",
        `The [${shown(section.name)}] section in ${this.file} is missing a 'pipeline' setting, 'pipeline = filter1 filter2 app'`,
        { at: section.at, section: section.name },
      );
    const [extra] = localConf;
    if (extra !== undefined)
      throw new ConfigError(
        "lookup",
        `The [${shown(section.name)}] pipeline section in ${this.file} has extra (disallowed) settings: ${[...localConf.keys()].map(shown).join(", ")}; only 'set' lines may stand beside 'pipeline'`,
        { at: extra[1].origin?.at ?? section.at, section: section.name, key: extra[0] },
      );
    const place = placeOf(section, "pipeline", value);
    const names = words(value.text);
    const last = names.pop();
    if (last === undefined)
      throw new ConfigError(
        "index",
        `The pipeline of [${shown(section.name)}] is empty; its last name is the app`,
        place,
      );
    const app = this.find(last, { kind: "app", globalConf, trail, place });
    const filters: Draft[] = [];
    for (const name of names) filters.push(this.find(name, { kind: "filter", globalConf, trail, place }));
    return { ...this.composed("app", settings), objectType: "pipeline", app, filters };
  }

  private filterApp(settings: Settings): Draft {
    const { section, globalConf, localConf, trail } = settings;
    const value = take(localConf, "next");
    if (value === undefined)
      throw new ConfigError(
        "lookup",
        `The [${shown(section.name)}] section in ${this.file} is missing a 'next' setting, the app that it filters`,
        { at: section.at, section: section.name },
      );
    const place = placeOf(section, "next", value);
    const next = this.find(value.text, { kind: "app", globalConf, trail, place });
    const filter = localConf.has("use") ? this.used("filter", settings) : this.explicit("filter", settings);
    filter.name = nameOf(section);
    filter.section = section.name;
    filter.at = section.at;
    return { ...this.composed("app", settings), objectType: "filter_app", filter, next };
  }

  private composed(kind: Kind, { section, globalConf, localConf, trail }: Settings) {
    return {
      kind,
      protocol: null as string | null,
      name: nameOf(section),
      section: section.name,
      at: section.at,
      globalConf,
      localConf,
      scope: this as Scope,
      trail,
    };
  }

  private require(section: ParsedSection, localConf: Table): void {
    const value = take(localConf, "require");
    for (const name of words(value?.text ?? ""))
      if (!isInstalled(name, this.folder))
        throw new ConfigError(
          "package",
          `No package ${quote(name)} was found from ${this.folder} upward, and the section requires it`,
          placeOf(section, "require", value as Value),
        );
  }

  /** One step into a section; coming back to one that is still open is a circle. */
  private enter(section: ParsedSection, before: Trail | undefined): Trail {
    for (let step = before; step !== undefined; step = step.before)
      if (step.section === section) throw circle(section, before as Trail);
    const depth = (before?.depth ?? 0) + 1;
    if (depth > MAX_DEPTH)
      throw new ConfigError("recursion", `more than ${MAX_DEPTH} sections lead into each other`, {
        at: section.at,
        section: section.name,
      });
    return { section, depth, before };
  }

  /** [DEFAULT], interpolated by itself. */
  private defaults(): Table {
    if (this.cooked !== undefined) return this.cooked;
    const names: Names = {
      file: this.file,
      section: DEFAULT,
      lookup: (name) => this.raw.get(name),
      names: () => [...this.raw.keys()],
      environment: this.session.environment,
    };
    const cooked: Table = new Map();
    for (const [key, raw] of this.raw)
      cooked.set(key, {
        ...interpolate(raw, key, names),
        origin: placed(raw),
      });
    return (this.cooked = cooked);
  }

  /** What a name in a section's values means. */
  lookup(section: ParsedSection, name: string): Raw | undefined {
    return section.find(name) ?? this.raw.get(name);
  }

  namesIn(section: ParsedSection): string[] {
    return [...section.options.map(({ key }) => key), ...this.raw.keys()];
  }

  private warnHidden(section: ParsedSection, key: string, at: Position): void {
    const source = this.raw.get(key);
    const known = source && placed(source)?.at;
    const by =
      known !== undefined
        ? `[DEFAULT] has it too (line ${known.line})`
        : this.outside.has(key)
          ? "a variable of that name was given from outside"
          : "every file has it";
    const instead =
      key === "use" || key === "next" || key === "pipeline" || key === "filter-with"
        ? "take it out of [DEFAULT]"
        : `write 'set ${shown(key)} = …'`;
    this.session.warn({
      message: `${quote(key)} is no setting of [${shown(section.name)}], because ${by}; ${instead}`,
      at,
      section: section.name,
      key,
    });
  }

  /** A section's own options, interpolated; for sections that are no app, filter or server. */
  own(section: ParsedSection): Record<string, string> {
    const names = new SectionNames(this, section, this.session.environment);
    const settings = Object.create(null) as Record<string, string>;
    for (const option of section.options) settings[option.key] = interpolate(option, option.key, names).text;
    return settings;
  }
}

/** The names that the values of a section may refer to. */
class SectionNames implements Names {
  readonly environment: Environment;
  private readonly scope: FileScope;
  private readonly own: ParsedSection;

  constructor(scope: FileScope, own: ParsedSection, environment: Environment) {
    this.scope = scope;
    this.own = own;
    this.environment = environment;
  }

  get file(): string {
    return this.scope.file;
  }

  get section(): string {
    return this.own.name;
  }

  lookup(name: string): Raw | undefined {
    return this.scope.lookup(this.own, name);
  }

  names(): string[] {
    return this.scope.namesIn(this.own);
  }
}

/** The way from a section back to itself. */
function circle(section: ParsedSection, trail: Trail): ConfigError {
  const chain: Section[] = [section];
  for (let step: Trail | undefined = trail; step !== undefined; step = step.before) {
    chain.unshift(step.section);
    if (step.section === section) break;
  }
  const steps = chain.map(
    ({ name, at }) => `[${shown(name)}] (${at.file === section.at.file ? "line " : `${at.file}:`}${at.line})`,
  );
  return new ConfigError("recursion", `sections lead in a circle: ${steps.join(" → ")}`, {
    at: section.at,
    section: section.name,
  });
}

function take(table: Table, key: string): Value | undefined {
  const value = table.get(key);
  table.delete(key);
  return value;
}

function placeOf(section: ParsedSection, key: string, value: Value): Place {
  return { at: value.origin?.at ?? section.at, section: section.name, key };
}

/** The text after the colon; a bare `[app]` is `main`. */
function nameOf({ name }: ParsedSection): string {
  const colon = name.indexOf(":");
  return colon < 0 ? "main" : strip(name.slice(colon + 1));
}

/** What `use = call:…` makes of a section's prefix. */
function protocolOf(prefix: string): string {
  if (prefix === "app" || prefix === "application") return "paste.app_factory";
  if (prefix === "composite" || prefix === "composit") return "paste.composit_factory";
  return prefix === "server" ? "paste.server_factory" : "paste.filter_factory";
}

interface ProtocolKey {
  readonly key: string;
  readonly form: Form | undefined;
}

/** The keys that name what a section is made of; of those in one list the first that is there counts. */
function keysOf(kind: Kind): ProtocolKey[][] {
  const factories = GROUPS[kind].map((list) =>
    list.flatMap((group) => ["paste", "tsgi"].map((prefix) => ({ key: `${prefix}.${group}`, form: undefined }))),
  );
  const forms: Readonly<Record<Kind, readonly Form[]>> = {
    app: ["app", "fetch", "listener"],
    filter: ["filter"],
    server: [],
  };
  return [...factories, ...forms[kind].map((form) => [{ key: `tsgi.${form}`, form }])];
}
