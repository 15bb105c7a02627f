// The public names, listed by hand.
export type {
  Answer,
  App,
  Bindings,
  Body,
  Bytes,
  Chunk,
  Environ,
  ErrorLog,
  FetchApp,
  Header,
  HeaderList,
  Input,
  Lifespan,
  Middleware,
  Native,
  Runtime,
  StartResponse,
  Write,
} from "./contract.ts";
export { handle } from "./handle.ts";
export type { Payload, Refusal, RequestParts, Source, WholeKind } from "./source.ts";
export type { Chunks, Head, Puller, Sink } from "./sink.ts";
export { DEFAULT_LIMITS, limitsOf, type Limits } from "./limits.ts";
export { InputError } from "./input.ts";
export { copyEnviron } from "./environ.ts";
export { status } from "./status.ts";
export { isHopByHop } from "./grammar.ts";
export { applicationUri, requestUri } from "./uri.ts";
export { FileWrapper, type FileLike } from "./file-wrapper.ts";
export { call, respond } from "./filters/call.ts";
export { mapResponse, type ResponseChange } from "./filters/map-response.ts";
export {
  defineApp,
  defineFilter,
  defineServer,
  SettingsError,
  type Defined,
  type Definition,
  type PlainDefinition,
  type Schema,
  type SchemaIssue,
  type SchemaResult,
  type Server,
  type ServerRunner,
  type Settings,
} from "./filters/define.ts";
export { pipeline } from "./compose/pipeline.ts";
export { urlmap, type UrlmapOptions } from "./compose/urlmap.ts";
export { cascade, type CascadeOptions } from "./compose/cascade.ts";
export { toFetch, type ToFetchOptions } from "./fetch/to-fetch.ts";
export { environOf, fromFetch, type FetchHandler, type FromFetchOptions } from "./fetch/from-fetch.ts";
export { validator } from "./validator/validator.ts";
export { ValidationError } from "./validator/error.ts";
export { guessScheme, setupTestingDefaults, shiftPathInfo } from "./util.ts";
export { HeaderMap, type HeaderParams } from "./header-map.ts";
