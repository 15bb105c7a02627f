// What the adapters share, for whoever writes another one: `import { … } from "@tsgi/core/adapter"`.
export { checkFields, checkSize } from "./check-fields.ts";
export { buildRequest } from "./request.ts";
export { RequestSource } from "./fetch/request-source.ts";
export { markSent } from "./fetch/response-body.ts";
export { hasField, ResponseSink, streamOf } from "./fetch/response-sink.ts";
export { ServingSink } from "./fetch/serving-sink.ts";
export { convert, declaredLength } from "./input.ts";
export { appOf, disposerOf } from "./lifespan.ts";
export { trusting } from "./proxy.ts";
export { reportError } from "./report.ts";
export {
  closing,
  parseListen,
  refuseUnknown,
  urlOf,
  type AdapterOptions,
  type Address,
  type Closable,
  type ServeOptions,
} from "./serve-options.ts";
