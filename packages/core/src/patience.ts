import { Line, type Placed } from "./line.ts";

// To listen for a client that leaves costs more than a small answer (Bun and Deno make an AbortSignal for it), and most
// answers are there before anybody could leave. Those that are not are gathered, and listened for together.

/** Milliseconds that an answer may take before somebody listens. */
const PATIENCE = 10;

interface Waiting extends Placed {
  listen(): void;
}

const waiting = new Line<Waiting>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Calls `listen()` a little later, along with that of all others that wait. */
export function listenSoon(exchange: Waiting): void {
  waiting.join(exchange);
  timer ??= setTimeout(() => {
    timer = undefined;
    for (const each of waiting.takeAll()) each.listen();
  }, PATIENCE);
}

/** The answer is there. What was kept until the timer would outlive the garbage collector's first look, and cost more than it saves. */
export function listenNoMore(exchange: Waiting): void {
  waiting.leave(exchange);
}
