export { toListener, type Listener, type ListenerOptions } from "./handler.ts";
export { serve } from "./serve.ts";
export type { ServeOptions } from "@tsgi/core/adapter";
