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
