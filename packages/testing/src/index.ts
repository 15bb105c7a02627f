export {
  open,
  request,
  BrokenAnswerError,
  type Exchange,
  type RequestOptions,
  type TestAnswer,
} from "./memory/request.ts";
export type { RequestBody, RequestInit } from "./memory/source.ts";
export type { AnswerHead } from "./memory/sink.ts";
export { runtimes, type RuntimeLauncher, type Started, type StartOptions } from "./runtimes.ts";
export {
  conformance,
  type Conformance,
  type ConformanceRow,
  type ConformanceRows,
  type ServerSetup,
  type StartContext,
  type TestedServer,
} from "./conformance/conformance.ts";
export { PERMITTED } from "./conformance/canonical.ts";
export type { FilterSetup } from "./conformance/filter.ts";
