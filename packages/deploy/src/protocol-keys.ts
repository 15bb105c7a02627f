import { suggest } from "@tsgi/core/settings";
import type { Table } from "./draft.ts";
import { ConfigError } from "./error.ts";
import type { ParsedSection } from "./parse.ts";
import { quote, shown } from "./quote.ts";
import { GROUPS } from "./entry-point.ts";
import type { Form, Kind } from "./tree.ts";

// The keys by which a section names what it is made of: `paste.app_factory`, `tsgi.filter_factory`, `tsgi.app`.

/** What `use = call:…` makes of a section's prefix. */
export function protocolOf(prefix: string): string {
  if (prefix === "app" || prefix === "application") return "paste.app_factory";
  if (prefix === "composite" || prefix === "composit") return "paste.composit_factory";
  return prefix === "server" ? "paste.server_factory" : "paste.filter_factory";
}

export interface ProtocolKey {
  readonly key: string;
  readonly form: Form | undefined;
}

/** The keys that name what a section is made of; of those in one list the first that is there counts. */
export function keysOf(kind: Kind): ProtocolKey[][] {
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

/** That a section names nothing that it is made of. @param inherited whether [DEFAULT] has a `use` */
export function noLoader(kind: Kind, section: ParsedSection, localConf: Table, inherited: boolean): ConfigError {
  const hidden = section.find("use");
  // `use ./app.ts:make` has a delimiter all the same
  const undelimited = section.options.find(({ key }) => key.startsWith("use "));
  const keys = keysOf(kind).flatMap((list) => list.map(({ key }) => key));
  const near = [...localConf.keys()].map((key) => suggest(key, ["use", ...keys])).find((hint) => hint !== "");
  const hint = inherited
    ? "; a 'use' of [DEFAULT] is not taken over, and hides that of the section"
    : undelimited !== undefined
      ? `; ${quote(undelimited.key)} is read as a key, since a key ends at the first '=' or ':'`
      : (near ?? "");
  const wanted = [...new Set(keys)].filter((key) => key.startsWith("tsgi."));
  const at = hidden ?? undelimited;
  return new ConfigError(
    "lookup",
    `No loader given in section '${shown(section.name)}'; it needs 'use = …', or one of ${wanted.join(", ")}${hint}`,
    { at: at?.at ?? section.at, section: section.name, key: at?.key },
  );
}
