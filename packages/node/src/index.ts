export { toListener, type Listener, type ListenerOptions } from "./handler.ts";
export { fromListener, type FromListenerOptions, type ListenerFunction, type ListenerLike } from "./from-listener.ts";
export { serve } from "./serve.ts";
export type { ServeOptions } from "@tsgi/core/adapter";
