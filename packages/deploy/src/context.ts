import { dirname } from "node:path";
import process from "node:process";
import { BUILTINS } from "./builtin/index.ts";
import {
  GlobalConf,
  overlay,
  type Draft,
  type FactoryDraft,
  type ObjectType,
  type Table,
  type Value,
} from "./draft.ts";
import { entryPoint, GROUPS, isInstalled } from "./entry-point.ts";
import { ConfigError, type Place } from "./error.ts";
import type { Document, ParsedSection } from "./parse.ts";
import { settled } from "./pending.ts";
import { keysOf, noLoader, protocolOf } from "./protocol-keys.ts";
import { quote, shown } from "./quote.ts";
import { isModule, moduleReference, parseModule, type KnownModules } from "./resolve.ts";
import { SettingsReader, type SectionSettings } from "./section-settings.ts";
import { prefixOf, type SectionIndex } from "./sections.ts";
import type { Session } from "./session.ts";
import { enter, type Trail } from "./trail.ts";
import type { Kind, Reference } from "./tree.ts";
import { configPath, filePath, isUri, parseUri, type Uri } from "./uri.ts";
import { strip, words } from "./whitespace.ts";

// Sections to drafts: `use`, `set`, `get`, [DEFAULT], `filter-with`, pipelines and filter-apps. The order of the steps is
// that of paste.deploy.loadwsgi, because which error comes first, and which settings win, follow from it.

/** What a name is looked up for. */
export interface Request {
  readonly kind: Kind;
  /** Settings so far; nothing is inherited without. */
  readonly globalConf: GlobalConf | undefined;
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
    return scopeOf(session, document, request.globalConf).section(wanted, request);
  }
}

/** A file's scope: of thousands of references into a file each looks names up in the same one. */
function scopeOf(session: Session, document: Document, globalConf: GlobalConf | undefined): FileScope {
  let scopes = session.scopes.get(document);
  if (scopes === undefined) session.scopes.set(document, (scopes = new Map()));
  const all = globalConf?.all;
  let scope = scopes.get(all);
  if (scope === undefined) scopes.set(all, (scope = new FileScope(session, document, globalConf)));
  return scope;
}

/** A factory of a module; which protocol it has says the section that uses it. */
function ofModule(session: Session, written: string, text: string, base: string, request: Request): Draft {
  const reference = moduleReference(written, text, base, session.modulesIn(base), request.place);
  return unnamed(request, new PackageScope(session, undefined, base), null, reference);
}

function unnamed(
  { kind, globalConf, trail, place }: Request,
  scope: Scope,
  protocol: string | null,
  reference: Reference,
): FactoryDraft {
  return {
    kind,
    objectType: OBJECT_TYPES[kind],
    protocol,
    name: "",
    section: undefined,
    at: place.at,
    // shared, as the original does it: what its user sets is seen by whoever was given the same table
    globalConf: globalConf ?? new GlobalConf(new Map()),
    localConf: new Map(),
    scope,
    trail,
    reference,
    form: undefined,
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
      this.session.packages,
      request.place,
    );
    return unnamed(request, this, `paste.${group}`, reference);
  }
}

/** A section on its way to a draft. */
interface Settings extends SectionSettings {
  readonly section: ParsedSection;
  readonly trail: Trail;
}

/** A file together with the variables that it was given: its names, and what its [DEFAULT] is worth. */
export class FileScope implements Scope {
  readonly file: string;
  readonly index: SectionIndex;
  private readonly session: Session;
  private readonly folder: string;
  private readonly settings: SettingsReader;
  /** Names that are those of modules, as others of the folder found. */
  private readonly modules: KnownModules;

  constructor(session: Session, document: Document, globalConf: GlobalConf | undefined) {
    this.session = session;
    this.file = document.file;
    this.folder = dirname(document.file);
    this.modules = session.modulesIn(this.folder);
    this.index = session.indexOf(document);
    this.settings = new SettingsReader(session, document, globalConf?.all);
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
    if (name !== undefined && /^\/\/.*=/.test(name))
      throw this.index.missing(
        kind,
        name,
        place,
        "; the key of its line ends at the first ':' or '=', so that a host is written 'domain HOST /PATH = NAME'",
      );
    if (name !== undefined && (this.modules.has(name) || isModule(name)))
      return ofModule(this.session, name, name, this.folder, request);
    const builtin = name !== undefined && Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
    if (builtin === undefined) throw this.index.missing(kind, name, place, "", builtinsOf(kind));
    if (!GROUPS[kind].flat().includes(builtin.protocol))
      throw this.index.missing(kind, name, place, `; the built-in of that name is a ${builtin.protocol}`);
    const reference = { from: "builtin", name: name as string, written: name as string, at: place.at } as const;
    return unnamed(request, this, `paste.${builtin.protocol}`, reference);
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
    const entered = enter(section, trail);
    const { globalConf, localConf, additions } = this.settings.read(section, request.globalConf);
    const settings: Settings = { section, trail: entered, globalConf, localConf, additions };
    // for a server it is an ordinary setting
    const filterWith = kind === "server" ? undefined : take(localConf, "filter-with");
    this.require(section, localConf);
    if (filterWith === undefined) return this.object(kind, settings);
    const place = placeOf(section, "filter-with", filterWith);
    const [draft, filter] = this.session.all([
      () => this.object(kind, settings),
      () => this.find(filterWith.text, { kind: "filter", globalConf, trail: entered, place }),
    ]);
    // its settings are those of what it filters
    return { ...this.composed(kind, settings), localConf, objectType: "filtered_with", inner: draft, filter };
  }

  private object(kind: Kind, settings: Settings): Draft {
    const prefix = prefixOf(settings.section.name);
    if (settings.section.name !== prefix && prefix === "filter-app") return this.filterApp(settings);
    if (settings.section.name !== prefix && prefix === "pipeline") return this.pipeline(settings);
    return this.single(kind, settings);
  }

  /** What a section makes by a factory, or takes as it is. */
  private single(kind: Kind, settings: Settings): Draft {
    const draft = settings.localConf.has("use") ? this.used(kind, settings) : this.explicit(kind, settings);
    draft.name = nameOf(settings.section);
    draft.section = settings.section.name;
    draft.at = settings.section.at;
    return draft;
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
    if (file !== undefined && draft.globalConf.get("__file__") !== file) draft.globalConf.set("__file__", file);
    // the names of a composite are looked up in the file that says `use` (L19)
    if (draft.scope !== this && draft.scope.file !== undefined) draft.own ??= draft.scope;
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
    if (protocol === undefined) throw noLoader(kind, section, localConf, this.settings.isGlobal("use"));
    const value = take(localConf, protocol.key) as Value;
    const place = placeOf(section, protocol.key, value);
    const reference = moduleReference(value.text, value.text, this.folder, this.modules, place);
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
      ...unnamed(
        { kind, globalConf, trail, place },
        this,
        protocol.form === undefined ? `paste.${protocol.key.replace(/^.*\./, "")}` : protocol.key,
        reference,
      ),
      localConf,
      form: protocol.form,
    };
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
    const [app, ...filters] = this.session.all([
      () => this.find(last, { kind: "app", globalConf, trail, place }),
      ...names.map((name) => () => this.find(name, { kind: "filter", globalConf, trail, place })),
    ]);
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
    const [next, filter] = this.session.all([
      () => this.find(value.text, { kind: "app", globalConf, trail, place }),
      () => this.single("filter", settings),
    ]);
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

  /** A section's own options, interpolated; for sections that are no app, filter or server. */
  own(section: ParsedSection): Record<string, string> {
    return this.settings.own(section);
  }

  private require(section: ParsedSection, localConf: Table): void {
    const value = take(localConf, "require");
    if (value === undefined) return;
    const place = placeOf(section, "require", value);
    for (const name of words(value.text))
      if (!isInstalled(name, this.folder, this.session.packages, place))
        throw new ConfigError(
          "package",
          `No package ${quote(name)} was found from ${this.folder} upward, and the section requires it`,
          place,
        );
  }
}

function builtinsOf(kind: Kind): string[] {
  const groups = GROUPS[kind].flat();
  return Object.keys(BUILTINS).filter((name) => groups.includes(BUILTINS[name].protocol));
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
