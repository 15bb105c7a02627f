import type { Strings } from "./construct.ts";
import { FileScope } from "./context.ts";
import { given, type LoadOptions } from "./load.ts";
import { faultOf, type Section } from "./parse.ts";
import type { ObjectSection } from "./sections.ts";
import { Session } from "./session.ts";
import { configPath, filePath, folderOf, parseUri } from "./uri.ts";

/** One configuration file, for tools: its sections, raw, and their settings, interpolated when they are asked for. */
export interface ConfigFile {
  readonly file: string;
  /** In the order of the file, [DEFAULT] included. */
  readonly sections: readonly Section[];
  /** Those that an app, a filter or a server is made of. */
  readonly objects: readonly ObjectSection[];
  section(name: string): Section | undefined;
  /** A section's own settings, interpolated; empty for a section that is not there. @throws ConfigError */
  settings(name: string): Strings;
}

/**
 * Reads one file and nothing that it refers to.
 *
 * @param uri a `config:` or `file:` URI
 * @throws (rejects) ConfigError for a file that cannot be read or has a fault
 */
export async function readConfig(uri: string | URL, options: LoadOptions = {}): Promise<ConfigFile> {
  const session = new Session(options.environment);
  const document = session.read(configFileOf(uri, options));
  const fault = faultOf(document);
  if (fault !== undefined) throw fault;
  const scope = new FileScope(session, document, given(options.globalConf));
  return {
    file: document.file,
    sections: [...document.sections.values()],
    objects: scope.index.objects,
    section: (name) => document.sections.get(name),
    settings: (name) => {
      const section = document.sections.get(name);
      return section === undefined ? (Object.create(null) as Strings) : scope.own(section);
    },
  };
}

/** The file of a URI. @throws ConfigError for a URI that names none */
export function configFileOf(uri: string | URL, options: LoadOptions): string {
  const parsed = parseUri(String(uri));
  const folder = folderOf(options.relativeTo);
  return parsed.scheme === "file" ? filePath(parsed, folder) : configPath(parsed, folder);
}
