import type { App, Body } from "@tsgi/core";
import { disposerOf } from "@tsgi/core/adapter";
import type { Found } from "./attribute.ts";
import { ConfigError, formatPosition, type Place, type Position } from "./error.ts";
import { quote, shown } from "./quote.ts";
import type { ExistingNode, FactoryNode, Kind, Protocol } from "./tree.ts";

// What can be wrong with what a file names once it is imported: it is something else than the key says, or it refuses
// its settings. Each error says where, and which key to use instead.

/** What errors say of a part. */
export interface Part {
  readonly kind: Kind;
  readonly protocol: Protocol | undefined;
  readonly builtin: boolean;
  /** How the file names it, `./app.ts:makeApp`. */
  readonly written: string;
  readonly at: Position | undefined;
  readonly section: string | undefined;
  /** The key that names it, where there is no choice. */
  readonly key: string | undefined;
  /** Where its settings stand. */
  readonly origins: Readonly<Record<string, Position>>;
}

/** A node that names something. */
type Named = FactoryNode | ExistingNode;

/** What errors say of a node. */
export function partOf(node: Named): Part {
  return {
    ...placeOfUse(node),
    kind: node.kind,
    protocol: node.type === "factory" ? node.protocol : undefined,
    builtin: node.reference.from === "builtin",
    written: node.reference.written,
    origins: node.localConf.origins,
  };
}

/** Where a node names its thing. */
export function placeOfUse(node: Named): Pick<Part, "at" | "section" | "key"> {
  const key = node.type === "existing" ? `tsgi.${node.form}` : undefined;
  return { at: node.reference.at ?? node.at, section: node.section, key };
}

interface Issue {
  readonly key: string;
  readonly message: string;
}

/**
 * An error of a factory, told as one of the configuration: with the place of the part, or of the setting that it names.
 * The error itself is the `cause`. Its category is `type` for a TypeError, which is how factories refuse settings.
 */
export function refusal(error: unknown, node: Named): ConfigError {
  const part = partOf(node);
  if (error instanceof ConfigError) {
    // an error of a part within, or one of a built-in, which does not know where its settings stand
    if (error.at !== undefined || part.at === undefined) return error;
    const at = (error.key === undefined ? undefined : originOf(part, error.key)) ?? part.at;
    return new ConfigError(error.category, error.text, { at, section: part.section, key: error.key }, { cause: error });
  }
  const who = part.section === undefined ? quote(part.written) : `[${shown(part.section)}] ${quote(part.written)}`;
  const issues = issuesOf(error);
  if (issues !== undefined) {
    const errors = issues.map(
      ({ key, message }) =>
        new ConfigError("type", `${who}: ${sentence(key, message)}`, placeOf(part, key || keyIn(message, part)), {
          cause: error,
        }),
    );
    if (errors.length === 1) return errors[0];
    const [first] = errors;
    const texts = errors.map(({ at, text }) => (at === undefined ? text : `${formatPosition(at)}: ${text}`));
    return new ConfigError("type", `${who} refuses ${errors.length} settings:\n  ${texts.join("\n  ")}`, first, {
      cause: error,
      errors,
    });
  }
  const text = error instanceof Error ? error.message : String(error);
  // an app that is called with settings calls one of them, and so does a filter
  const called = error instanceof TypeError && /is not a function|is not callable/.test(text);
  const hint = called && !part.builtin && part.protocol !== undefined ? insteadOf(part) : "";
  return new ConfigError(
    error instanceof TypeError ? "type" : "value",
    `${who}: ${text}${hint}`,
    placeOf(part, undefined),
    { cause: error },
  );
}

/** Some messages name the setting themselves, and some go on from its name. */
function sentence(key: string, message: string): string {
  if (key === "" || message.startsWith("unknown setting ")) return message;
  return message.startsWith("is ") ? `setting ${quote(key)} ${message}` : `setting ${quote(key)}: ${message}`;
}

/** zod says of all unknown settings at once that they are, and names them in the message alone. */
function keyIn(message: string, { origins }: Part): string | undefined {
  return Object.keys(origins).find((key) => message.includes(JSON.stringify(key)));
}

function insteadOf({ protocol, written }: Part): string {
  const kind = protocol === "app_factory" ? "app" : protocol === "filter_factory" ? "filter" : undefined;
  return kind === undefined
    ? ""
    : `; if it is ${kind === "app" ? "an app" : "a filter"} itself and no factory, write 'tsgi.${kind} = ${written}'`;
}

/** The issues of a SettingsError of any copy of core: a project may have two. */
function issuesOf(error: unknown): readonly Issue[] | undefined {
  if (!(error instanceof Error) || error.name !== "SettingsError") return undefined;
  const { issues } = error as { issues?: unknown };
  return Array.isArray(issues) && issues.length > 0 ? (issues as Issue[]) : undefined;
}

function placeOf(part: Part, key: string | undefined): Place {
  const at = (key === undefined ? undefined : originOf(part, key)) ?? part.at;
  return { at, section: part.section, key: key ?? part.key };
}

function originOf(part: Part, key: string): Position | undefined {
  return Object.hasOwn(part.origins, key) ? part.origins[key] : undefined;
}

/** What a value is, in a word. */
export function looksLike(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (isDefined(value)) return "a factory";
  if (typeof value === "function") {
    // an Express or Connect app is a function with methods
    const { handle, use } = value as { handle?: unknown; use?: unknown };
    return typeof handle === "function" && typeof use === "function" ? "a listener" : "a function";
  }
  if (typeof value !== "object") return `a ${typeof value}`;
  if (typeof (value as { fetch?: unknown }).fetch === "function") return "an object with fetch";
  if (value instanceof Response) return "a Response";
  if (Array.isArray(value)) return "an array";
  return Symbol.asyncIterator in value || Symbol.iterator in value ? "a body" : "an object";
}

interface DefinedFactory {
  readonly factory: (globalConf: unknown, localConf: unknown) => unknown;
  readonly kind: Kind;
}

/** Whether `defineApp`, `defineFilter` or `defineServer` made it. */
function isDefined(value: unknown): value is DefinedFactory {
  if (typeof value !== "function") return false;
  const { factory, kind } = value as { factory?: unknown; kind?: unknown };
  return typeof factory === "function" && (kind === "app" || kind === "filter" || kind === "server");
}

/**
 * How a factory is called.
 *
 * @returns `defined`: it has the signature `(globalConf, localConf)`, whatever the protocol
 * @throws ConfigError (type) for what cannot be one, naming the key to use instead
 */
export function factoryOf(
  { value, holder }: Found,
  node: FactoryNode,
): { call: (...args: readonly unknown[]) => unknown; defined: boolean } {
  if (isDefined(value)) {
    if (value.kind !== node.kind)
      throw refusal(new TypeError(`makes ${article(value.kind)}; ${article(node.kind)} is wanted here`), node);
    return { call: (globalConf, localConf) => value.factory(globalConf, localConf), defined: true };
  }
  const like = looksLike(value);
  const { written } = node.reference;
  if (like === "a listener") throw refusal(new TypeError(`is a listener: write 'tsgi.listener = ${written}'`), node);
  if (like === "an object with fetch") throw refusal(new TypeError(`has fetch: write 'tsgi.fetch = ${written}'`), node);
  if (typeof value !== "function") throw refusal(new TypeError(`is ${like}; a factory is wanted, a function`), node);
  return { call: (...args) => Reflect.apply(value, holder, args) as unknown, defined: false };
}

function article(kind: Kind): string {
  return kind === "app" ? "an app" : `a ${kind}`;
}

/** What a factory of an app gave: nothing is let through, since the original does so. @throws ConfigError (type) */
export function wrongApp(made: unknown, node: Named): unknown {
  if (typeof made === "function" || made === null || made === undefined) return made;
  const part = partOf(node);
  const like = looksLike(made);
  const instead =
    like === "a body"
      ? insteadOf(part)
      : like === "a Response"
        ? `; if it is a fetch handler, write 'tsgi.fetch = ${part.written}'`
        : like === "an object with fetch"
          ? "; fromFetch(…) makes an app of it"
          : insteadOf(part);
  throw refusal(new TypeError(`gave ${like}; an app is wanted, a function${instead}`), node);
}

/** What a factory of a filter gave. @throws ConfigError (type) */
export function wrongFilter(made: unknown, node: Named): unknown {
  if (typeof made === "function" || made === null || made === undefined) return made;
  const what = `gave ${looksLike(made)}; a filter is wanted, a function${insteadOf(partOf(node))}`;
  throw refusal(new TypeError(what), node);
}

/** An app that was named as one, and may be a factory all the same: the first answer shows it. */
export function guarded(app: App, node: Named, key: string): App {
  if (typeof app !== "function") return app;
  let tried = false;
  const check = (body: Body): Body => {
    tried = true;
    if (typeof (body as unknown) !== "function") return body;
    tried = false;
    throw refusal(
      new TypeError(`answers with a function: it is a factory, write '${key} = ${node.reference.written}'`),
      node,
    );
  };
  const whole: App = (environ, startResponse) => {
    const body = app(environ, startResponse);
    if (tried) return body;
    return body instanceof Promise ? body.then(check) : check(body as Body);
  };
  return Object.assign(whole, disposerOf(app));
}
