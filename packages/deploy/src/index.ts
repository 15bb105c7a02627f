// The public names, listed by hand.
export { ConfigError, formatPosition, type Category, type Place, type Position, type Warning } from "./error.ts";
export type {
  BuiltinReference,
  Conf,
  ExistingNode,
  FactoryNode,
  FilterAppNode,
  FilteredNode,
  Form,
  Kind,
  ModuleReference,
  Node,
  PipelineNode,
  Protocol,
  Reference,
} from "./tree.ts";
export { check, type Report } from "./check.ts";
export type { Loader, Strings } from "./construct.ts";
export type { Environment } from "./interpolate.ts";
export {
  appConfig,
  loadApp,
  loadContext,
  loadFilter,
  loadServer,
  type AppConfig,
  type Context,
  type LoadOptions,
} from "./load.ts";
export { importFrom, type Log } from "./load-module.ts";
export type { Option, Section } from "./parse.ts";
export { readConfig, type ConfigFile } from "./read-config.ts";
export type { ObjectSection } from "./sections.ts";
export { aliasOf, BUILTINS, type Builtin, type BuiltinFactory } from "./builtin/index.ts";
export { mountsOf, type Mount } from "./builtin/urlmap.ts";
export { asBool, asDuration, asEnum, asFloat, asInt, asList, asSize } from "./converters.ts";
export type { Strings as Settings } from "./construct.ts";
