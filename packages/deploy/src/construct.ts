import { fromFetch, type App, type FetchHandler, type Middleware, type ServerRunner } from "@tsgi/core";
import { appOf, disposerOf } from "@tsgi/core/adapter";
import type { Found } from "./attribute.ts";
import { ConfigError } from "./error.ts";
import { factoryOf, guarded, looksLike, partOf, refusal, wrongApp, wrongFilter, type Part } from "./refusal.ts";
import type {
  ExistingNode,
  FactoryNode,
  FilterAppNode,
  FilteredNode,
  Kind,
  Node,
  PipelineNode,
  Reference,
} from "./tree.ts";

// The tree to objects. It knows neither files nor how modules are found: that is the host's, so that a compiled app can be
// put together by the same code.

/** Settings: plain strings by name. */
export type Strings = Readonly<Record<string, string>>;

/** What a composite factory gets first: it loads the parts that its settings name. */
export interface Loader {
  /** The app of a name or a URI; `main` or a bare `[app]` without one. Without `globalConf` it starts from the file's [DEFAULT] only. */
  getApp(name?: string, globalConf?: Strings): Promise<App>;
  getFilter(name?: string, globalConf?: Strings): Promise<Middleware>;
  getServer(name?: string, globalConf?: Strings): Promise<ServerRunner>;
  /** The names of a kind in the file whose names this loader resolves. */
  names(kind: Kind): readonly string[];
  /** That file; `undefined` where there is none. */
  readonly file: string | undefined;
}

/** A filter as the factories give it; one of a filter_app_factory may be asynchronous. */
export type Wrap = (app: App) => App | Promise<App>;

/** What construction needs from outside. */
export interface Host {
  /** What a reference names. @throws (rejects) ConfigError (import, attribute) */
  find(reference: Reference, part: Part): Promise<Found>;
  /** The same at once, where the module has been imported; `undefined` where not. @throws ConfigError (attribute) */
  known?(node: ExistingNode | FactoryNode): Found | undefined;
  /** The loader of a composite. @param globalConf the very object that its factory gets */
  loader(node: FactoryNode, globalConf: Strings, construction: Construction): Loader;
  /** `fromListener` of @tsgi/node. */
  fromListener(): Promise<(listener: unknown) => App>;
}

// A thousand sections name few modules, and nearly every factory gives its object at once: only what takes its time is
// waited for, since a promise for each part cost more than making it.

/** Makes the objects of one tree. */
export class Construction {
  private readonly host: Host;
  /** What the tree names, imported. */
  private readonly found = new Map<Reference, Found>();
  /** Everything that was made and holds something, in order. */
  private readonly parts: unknown[] = [];

  constructor(host: Host) {
    this.host = host;
  }

  /**
   * The app of a tree, which carries a disposer of whatever its parts hold.
   *
   * @throws (rejects) ConfigError; what was made by then is disposed of
   */
  async whole(node: Node): Promise<App | Middleware | ServerRunner> {
    try {
      await this.imports(node);
      if (node.kind === "server") return await this.server(node);
      const made = node.kind === "app" ? await this.app(node) : middlewareOf(await this.filter(node));
      return this.carrier(made);
    } catch (error) {
      // what fails now is not what the user has to hear of
      try {
        await disposerOf(...this.parts.toReversed())[Symbol.asyncDispose]?.();
      } catch {}
      throw error;
    }
  }

  /** Imports what a tree names, before any of its factories is called. */
  async imports(node: Node): Promise<void> {
    for (const named of namedIn(node, []))
      if (!this.found.has(named.reference))
        this.found.set(
          named.reference,
          this.host.known?.(named) ?? (await this.host.find(named.reference, partOf(named))),
        );
  }

  // The parts are made in the order of the original, which users see: a pipeline's app first, then its filters from the
  // left; `next` before its filter; but the filter of `filter-with` before what it filters.

  /** An app, at once where nothing takes its time. */
  app(node: Node): App | Promise<App> {
    if (node.type === "existing") return this.existingApp(node);
    return node.type === "factory" ? this.made(node, () => this.call(node)) : this.composed(node);
  }

  private async composed(node: PipelineNode | FilterAppNode | FilteredNode): Promise<App> {
    switch (node.type) {
      case "pipeline": {
        let app = await this.app(node.app);
        const filters: Wrap[] = [];
        for (const filter of node.filters) filters.push(await this.filter(filter));
        for (const filter of filters.toReversed()) app = await filter(app);
        return app;
      }
      case "filter_app": {
        const next = await this.app(node.next);
        return (await this.filter(node.filter))(next);
      }
      case "filtered_with": {
        const filter = await this.filter(node.filter);
        return filter(await this.app(node.inner));
      }
    }
  }

  async filter(node: Node): Promise<Wrap> {
    if (node.type === "filtered_with") {
      const outer = await this.filter(node.filter);
      const inner = await this.filter(node.inner);
      return (app) => {
        const wrapped = inner(app);
        return wrapped instanceof Promise ? wrapped.then(outer) : outer(wrapped);
      };
    }
    if (node.type === "existing") return this.existingFilter(node);
    const factory = node as FactoryNode;
    // its factory runs when there is an app to filter; that it can be imported is known before
    if (factory.protocol === "filter_app_factory")
      return (app) => this.made(factory, () => this.call(factory, [app], [app]));
    const made = this.kept(wrongFilter(await this.call(factory), factory)) as Middleware;
    // nothing made is nothing that could fail to filter
    return typeof made === "function" ? (app) => this.made(factory, () => made(app)) : made;
  }

  async server(node: Node): Promise<ServerRunner> {
    const factory = node as FactoryNode;
    if (factory.protocol === "server_runner")
      return (async (app: App) => this.call(factory, [app], [app])) as ServerRunner;
    const runner = await this.call(factory);
    if (typeof runner === "function" || runner === null || runner === undefined) return runner as ServerRunner;
    throw refusal(new TypeError(`gave ${looksLike(runner)}; a function (app) => Promise<Server> is wanted`), factory);
  }

  /** The app that a step makes, or a promise of one, with the errors told as this part's. */
  private made(node: FactoryNode | ExistingNode, make: () => unknown): App | Promise<App> {
    let made: unknown;
    try {
      made = make();
    } catch (error) {
      throw refusal(error, node);
    }
    return isLate(made) ? this.late(made, node) : (this.kept(wrongApp(made, node)) as App);
  }

  private async late(coming: PromiseLike<unknown>, node: FactoryNode | ExistingNode): Promise<App> {
    let made: unknown;
    try {
      made = await coming;
    } catch (error) {
      throw refusal(error, node);
    }
    return this.kept(wrongApp(made, node)) as App;
  }

  /** Calls a factory; synchronous where it is, because a filter is. @param after what the thing that a `define…` makes is called with */
  private call(node: FactoryNode, before: readonly unknown[] = [], after: readonly unknown[] = []): unknown {
    // each factory gets records of its own: it may change them, and other parts have the same settings
    const globalConf = copyOf(node.globalConf.values);
    const localConf = copyOf(node.localConf.values);
    const first = node.protocol === "composite_factory" ? [this.host.loader(node, globalConf, this)] : before;
    const { call, defined } = factoryOf(this.imported(node), node);
    try {
      // what `define…` made has one signature, and an app to filter or to serve is given to its result
      let made = defined ? call(globalConf, localConf) : call(...first, globalConf, localConf);
      if (defined && after.length > 0)
        made =
          made instanceof Promise
            ? made.then((late: (...args: readonly unknown[]) => unknown) => late(...after))
            : (made as (...args: readonly unknown[]) => unknown)(...after);
      return made instanceof Promise
        ? made.catch((error: unknown) => {
            throw refusal(error, node);
          })
        : made;
    } catch (error) {
      throw refusal(error, node);
    }
  }

  private imported({ reference }: FactoryNode | ExistingNode): Found {
    return this.found.get(reference) as Found;
  }

  /** Takes a thing that exists already, and says which key is right for one that the key is wrong for. */
  async existing(node: ExistingNode): Promise<App | Wrap> {
    await this.imports(node);
    return node.kind === "app" ? this.existingApp(node) : this.existingFilter(node);
  }

  private existingApp(node: ExistingNode): App | Promise<App> {
    const { value } = this.imported(node);
    const like = looksLike(value);
    const wrong = (key: string): ConfigError =>
      refusal(new TypeError(`is ${like}: write '${key} = ${node.reference.written}'`), node);
    if (like === "a factory") throw wrong("use");
    if (like === "a listener" && node.form !== "listener") throw wrong("tsgi.listener");
    if (like === "an object with fetch" && node.form !== "fetch") throw wrong("tsgi.fetch");
    if (
      typeof value !== "function" &&
      !(node.form === "fetch" && like === "an object with fetch") &&
      !(node.form === "listener" && typeof value === "object" && value !== null)
    )
      throw refusal(new TypeError(`is ${like}; ${WANTED[node.form]} is wanted`), node);
    if (node.form === "fetch") return this.kept(fromFetch(value as FetchHandler));
    if (node.form === "listener") return this.listenerApp(node, value);
    return this.kept(guarded(value as App, node, "use"));
  }

  private async listenerApp(node: ExistingNode, listener: unknown): Promise<App> {
    const fromListener = await this.host.fromListener();
    try {
      return this.kept(fromListener(listener));
    } catch (error) {
      throw refusal(error, node);
    }
  }

  private existingFilter(node: ExistingNode): Wrap {
    const { value } = this.imported(node);
    const like = looksLike(value);
    if (like === "a factory")
      throw refusal(new TypeError(`is a factory: write 'use = ${node.reference.written}'`), node);
    if (typeof value !== "function") throw refusal(new TypeError(`is ${like}; ${WANTED.filter} is wanted`), node);
    this.kept(value);
    return (app) => {
      const made = this.made(node, () => (value as Middleware)(app));
      return made instanceof Promise ? made.then((late) => guarded(late, node, "use")) : guarded(made, node, "use");
    };
  }

  private kept<T>(made: T): T {
    if (made !== null && made !== undefined && Symbol.asyncDispose in (made as object)) this.parts.push(made);
    return made;
  }

  /** The object itself, or, when parts of it hold something that it does not let go of, one that does. */
  private carrier<T extends App | Middleware>(made: T): T {
    if (typeof made !== "function" || this.parts.every((part) => part === made)) return made;
    const outer = made as (...args: readonly unknown[]) => unknown;
    const carrying = (...args: readonly unknown[]): unknown => outer(...args);
    return Object.assign(carrying, disposerOf(made, ...this.parts.toReversed())) as unknown as T;
  }
}

/** Adds what a tree names, in the order in which it is made. */
function namedIn(node: Node, named: (FactoryNode | ExistingNode)[]): (FactoryNode | ExistingNode)[] {
  switch (node.type) {
    case "pipeline":
      namedIn(node.app, named);
      for (const filter of node.filters) namedIn(filter, named);
      return named;
    case "filter_app":
      namedIn(node.next, named);
      return namedIn(node.filter, named);
    case "filtered_with":
      namedIn(node.inner, named);
      return namedIn(node.filter, named);
    case "existing":
      named.push(node);
      return named;
    case "factory":
      named.push(node);
      for (const child of Object.values(node.children ?? {})) namedIn(child, named);
      return named;
  }
}

function isLate(made: unknown): made is PromiseLike<unknown> {
  return typeof (made as { then?: unknown } | null | undefined)?.then === "function";
}

const WANTED = {
  app: "an app (environ, startResponse) => body",
  filter: "a filter (app) => app",
  fetch: "a function (request) => Response or an object with fetch",
  listener: "a listener (req, res)",
} as const;

/** A filter that gives an app at once; one that takes its time is waited for by the first requests. */
export function middlewareOf(wrap: Wrap): Middleware {
  if (typeof wrap !== "function") return wrap;
  return (app) => {
    const made = wrap(app);
    return made instanceof Promise ? appOf(made) : made;
  };
}

function copyOf(values: Strings): Record<string, string> {
  const copy = Object.create(null) as Record<string, string>;
  // half the memory of Object.assign, which counts for a thousand sections
  for (const key in values) copy[key] = values[key];
  return copy;
}
