// What the adapters share, for whoever writes another one: `import { … } from "@tsgi/core/adapter"`. What they need of
// the public names is here too, so that a server that uses nothing else loads nothing else.
export { closeBody, isPromise } from "./body.ts";
export { checkFields, checkSize } from "./check-fields.ts";
export { lazyRequest } from "./lazy-request.ts";
export { buildRequest } from "./request.ts";
export { RequestPayload, RequestSource } from "./fetch/request-source.ts";
export { markSent } from "./fetch/response-body.ts";
export { hasField, ResponseSink, streamOf, type FieldsInit } from "./fetch/response-sink.ts";
export { nextOf } from "./sink.ts";
export { ServingSink } from "./fetch/serving-sink.ts";
export { FileWrapper } from "./file-wrapper.ts";
export { isHopByHop } from "./grammar.ts";
export { convert, declaredLength, InputError } from "./input.ts";
export { appOf, disposerOf } from "./lifespan.ts";
export { Line, type Placed } from "./line.ts";
export { patience } from "./patience.ts";
export { trusting } from "./proxy.ts";
export { escapeControls, reportError } from "./report.ts";
export {
  closing,
  LAST_CALL,
  parseListen,
  refuseUnknown,
  urlOf,
  type AdapterOptions,
  type Address,
  type Closable,
  type ServeOptions,
} from "./serve-options.ts";
export { parseMount } from "./compose/urlmap.ts";
export { encodePath } from "./uri.ts";
export { handle } from "./handle.ts";
export { limitsOf } from "./limits.ts";
