import type { App, Lifespan, Middleware } from "../contract.ts";
import { isPromise } from "../body.ts";
import { quote } from "../grammar.ts";

/** Settings as an INI file gives them: strings. */
export type Settings = Readonly<Record<string, unknown>>;

/** The part of the Standard Schema interface that is used here (https://standardschema.dev): valibot, zod, arktype have it. */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a Standard Schema makes of its input: the value, or what is wrong with it. */
export type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with settings: what, and where. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

type InputOf<S extends Schema> = NonNullable<S["~standard"]["types"]>["input"];
type OutputOf<S extends Schema> = NonNullable<S["~standard"]["types"]>["output"];

/** A server that listens: what a server factory's runner resolves to. */
export interface Server extends Lifespan {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves an app: `(app) => Promise<Server>`. */
export type ServerRunner = (app: App) => Promise<Server>;

/**
 * What `define…` gives: called with settings it makes the thing; `factory` is what a configuration file names, called
 * with the file's global settings and the section's own.
 */
export interface Defined<Given, Made> {
  (settings?: Given): Made;
  /** `(globalConf, localConf)`; the section's own settings are checked by the same schema. */
  readonly factory: (globalConf: Settings, localConf: Settings) => Made | Promise<Made>;
  readonly kind: "app" | "filter" | "server";
  readonly settings: Schema | undefined;
}

/** Settings that do not fit: what was wrong, key by key. */
export class SettingsError extends TypeError {
  override readonly name = "SettingsError";
  readonly issues: readonly { readonly key: string; readonly message: string }[];

  constructor(issues: readonly SchemaIssue[]) {
    const named = issues.map(({ message, path }) => ({ key: (path ?? []).map(keyOf).join("."), message }));
    super(
      `settings: ${named.map(({ key, message }) => (key === "" ? message : `${quote(key)}: ${message}`)).join("; ")}`,
    );
    this.issues = named;
  }
}

function keyOf(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === "object" ? part.key : part);
}

function define<Made>(
  kind: Defined<unknown, Made>["kind"],
  schema: Schema | undefined,
  create: (settings: unknown, globalConf: Settings) => Made | Promise<Made>,
): Defined<unknown, Made> {
  const make = (settings: unknown, globalConf: Settings): Made | Promise<Made> => {
    if (schema === undefined) return create(settings ?? {}, globalConf);
    const result = schema["~standard"].validate(settings ?? {});
    return isPromise(result)
      ? (result as Promise<SchemaResult<unknown>>).then((late) => create(valueOf(late), globalConf))
      : create(valueOf(result as SchemaResult<unknown>), globalConf);
  };
  const called = (settings?: unknown): Made => {
    const made = make(settings, {});
    if (schema !== undefined && isPromise(made)) {
      Promise.resolve(made).catch(() => {}); // what it comes to is nobody's any more
      throw new TypeError(
        "these settings are checked, or the thing is made, asynchronously: await its factory({}, settings)",
      );
    }
    return made as Made;
  };
  return Object.assign(called, {
    factory: (globalConf: Settings, localConf: Settings) => make(localConf, globalConf),
    kind,
    settings: schema,
  });
}

function valueOf(result: SchemaResult<unknown>): unknown {
  if (result.issues !== undefined) throw new SettingsError(result.issues);
  return result.value;
}

/** With a schema: settings in, checked settings for `create`. */
export interface Definition<S extends Schema, Made> {
  settings: S;
  create(settings: OutputOf<S>, globalConf: Settings): Made;
}

/** Without a schema: `create` gets the settings as they are. */
export interface PlainDefinition<Given, Made> {
  settings?: undefined;
  create(settings: Given, globalConf: Settings): Made;
}

/**
 * One function that makes an app from code and from a configuration file.
 *
 * @param definition `settings`: a Standard Schema, or nothing; `create`: makes the app from the checked settings
 * @throws SettingsError (a TypeError) from the made function, naming each setting that does not fit
 * @example export const page = defineApp({ create: ({ text }: { text: string }) => hello(text) });
 * const app = page({ text: "Hi" });
 */
export function defineApp<S extends Schema>(definition: Definition<S, App>): Defined<InputOf<S>, App>;
export function defineApp<Given = Settings>(definition: PlainDefinition<Given, App>): Defined<Given, App>;
export function defineApp(definition: {
  settings?: Schema | undefined;
  create(settings: never, globalConf: Settings): App;
}): Defined<never, App> {
  return define("app", definition.settings, definition.create as (settings: unknown, globalConf: Settings) => App);
}

/**
 * One function that makes a filter from code, `rateLimit({ limit: "5" })(app)`, and from a configuration file.
 *
 * @param definition `settings`: a Standard Schema, or nothing; `create`: makes the filter from the checked settings
 * @throws SettingsError (a TypeError) from the made function, naming each setting that does not fit
 * @example export const tag = defineFilter({ create: ({ name }: { name: string }) => (app) => tagged(app, name) });
 */
export function defineFilter<S extends Schema>(definition: Definition<S, Middleware>): Defined<InputOf<S>, Middleware>;
export function defineFilter<Given = Settings>(
  definition: PlainDefinition<Given, Middleware>,
): Defined<Given, Middleware>;
export function defineFilter(definition: {
  settings?: Schema | undefined;
  create(settings: never, globalConf: Settings): Middleware;
}): Defined<never, Middleware> {
  return define(
    "filter",
    definition.settings,
    definition.create as (settings: unknown, globalConf: Settings) => Middleware,
  );
}

/**
 * One function that makes a server from code and from a configuration file.
 *
 * @param definition `settings`: a Standard Schema, or nothing; `create`: gives what serves an app
 * @throws SettingsError (a TypeError) from the made function, naming each setting that does not fit
 * @example export const main = defineServer({ create: (settings: { port: number }) => (app) => serve(app, settings) });
 */
export function defineServer<S extends Schema>(
  definition: Definition<S, ServerRunner>,
): Defined<InputOf<S>, ServerRunner>;
export function defineServer<Given = Settings>(
  definition: PlainDefinition<Given, ServerRunner>,
): Defined<Given, ServerRunner>;
export function defineServer(definition: {
  settings?: Schema | undefined;
  create(settings: never, globalConf: Settings): ServerRunner;
}): Defined<never, ServerRunner> {
  return define(
    "server",
    definition.settings,
    definition.create as (settings: unknown, globalConf: Settings) => ServerRunner,
  );
}
