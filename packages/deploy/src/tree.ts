import type { Position } from "./error.ts";

// What a configuration means, before anything of it is imported or called: a plain tree that can be printed, compiled to
// a module, or made into an app. `context.ts` builds it, `construct.ts` and the compiler walk it.

/** What kind of object a section is for. */
export type Kind = "app" | "filter" | "server";

/** How a factory is called; the names are Paste Deploy's without their prefix. */
export type Protocol =
  "app_factory" | "composite_factory" | "filter_factory" | "filter_app_factory" | "server_factory" | "server_runner";

/** What stands for a thing that exists already: `tsgi.app`, `tsgi.filter`, `tsgi.fetch`, `tsgi.listener`. */
export type Form = "app" | "filter" | "fetch" | "listener";

/** An object of a module, as a file names it; nothing has been imported. */
export interface ModuleReference {
  readonly from: "module";
  /** What an import statement beside the INI file would say: `file:///…/app.ts`, or a package, `@acme/wiki/factories`. */
  readonly specifier: string;
  /** Attribute path, `["Wiki", "factory"]`; `["default"]` where none was given. */
  readonly path: readonly string[];
  /** The folder that bare specifiers are resolved from: that of the file that says it. */
  readonly base: string;
  /** The text as written, `./app.ts:makeApp`, `npm:@acme/wiki#main`. */
  readonly written: string;
  readonly at: Position | undefined;
}

/** A component that comes with TSGI, by its name in `builtin/`. */
export interface BuiltinReference {
  readonly from: "builtin";
  readonly name: string;
  readonly written: string;
  readonly at: Position | undefined;
}

export type Reference = ModuleReference | BuiltinReference;

/** Settings, in the order of the file, with the place each one came from (absent for what was given from outside). */
export interface Conf {
  readonly values: Readonly<Record<string, string>>;
  readonly origins: Readonly<Record<string, Position>>;
}

interface Base {
  /** The name after the colon, `main`; "" for an object that a URI names directly. */
  readonly name: string;
  /** The section as written, `app:main`; `undefined` for an object that a URI names directly. */
  readonly section: string | undefined;
  readonly at: Position | undefined;
  /** What a factory gets first: [DEFAULT], outside variables, and every `set` on the way. */
  readonly globalConf: Conf;
  /** What a factory gets second: the section's own settings. */
  readonly localConf: Conf;
}

/** A factory is called with the settings. */
export interface FactoryNode extends Base {
  readonly type: "factory";
  readonly kind: Kind;
  readonly protocol: Protocol;
  readonly reference: Reference;
  /** Of a composite whose children are known (urlmap, cascade): by the setting that names them. */
  readonly children: Readonly<Record<string, Node>> | undefined;
  /** The file whose names a composite's loader resolves. */
  readonly file: string | undefined;
}

/** A thing that exists already is taken as it is. */
export interface ExistingNode extends Base {
  readonly type: "existing";
  readonly kind: "app" | "filter";
  readonly form: Form;
  readonly reference: ModuleReference;
}

/** `[pipeline:x]`: filters around an app, the first outermost. */
export interface PipelineNode extends Base {
  readonly type: "pipeline";
  readonly kind: "app";
  readonly filters: readonly Node[];
  readonly app: Node;
}

/** `[filter-app:x]`: one filter around the app that `next` names. */
export interface FilterAppNode extends Base {
  readonly type: "filter_app";
  readonly kind: "app";
  readonly filter: Node;
  readonly next: Node;
}

/** `filter-with`: an app or a filter inside the filter that it names. */
export interface FilteredNode extends Base {
  readonly type: "filtered_with";
  readonly kind: "app" | "filter";
  readonly filter: Node;
  readonly inner: Node;
}

export type Node = FactoryNode | ExistingNode | PipelineNode | FilterAppNode | FilteredNode;
