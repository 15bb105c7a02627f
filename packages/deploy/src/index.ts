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
export type { Loader } from "./construct.ts";
export {
  appConfig,
  check,
  loadApp,
  loadContext,
  loadFilter,
  loadServer,
  readConfig,
  type AppConfig,
  type ConfigFile,
  type Context,
  type Environment,
  type LoadOptions,
  type ObjectSection,
  type Option,
  type Report,
  type Section,
  type Settings,
} from "./load.ts";
