import { suggest } from "@tsgi/core/adapter";
import type { Table } from "./draft.ts";
import { ConfigError } from "./error.ts";
import type { ParsedSection } from "./parse.ts";
import { shown } from "./quote.ts";
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
  const hidden = section.options.find(({ key }) => key === "use");
  const keys = keysOf(kind).flatMap((list) => list.map(({ key }) => key));
  const near = [...localConf.keys()].map((key) => suggest(key, ["use", ...keys])).find((hint) => hint !== "");
  return new ConfigError(
    "lookup",
    `No loader given in section '${shown(section.name)}'; it needs 'use = …', or one of ${[...new Set(keys)].filter((key) => key.startsWith("tsgi.")).join(", ")}${
      inherited ? "; a 'use' of [DEFAULT] is not taken over, and hides that of the section" : (near ?? "")
    }`,
    { at: hidden?.at ?? section.at, section: section.name, key: hidden?.key },
  );
}
