// To listen for a client that leaves costs more than a small answer (Bun and Deno make an AbortSignal for it), and most
// answers are there before anybody could leave. Those that are not are gathered, and listened for together.

/** Milliseconds that an answer may take before somebody listens. */
const PATIENCE = 10;

/** Who has a place in the line, and keeps it: a Set costs five times as much (it is made anew whenever it has emptied). */
export interface Waiting {
  /** -1 for none. */
  place: number;
  listen(): void;
}

const waiting: Waiting[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Calls `listen()` a little later, along with that of all others that wait. */
export function listenSoon(exchange: Waiting): void {
  exchange.place = waiting.push(exchange) - 1;
  timer ??= setTimeout(() => {
    timer = undefined;
    for (const each of waiting.splice(0)) {
      each.place = -1;
      each.listen();
    }
  }, PATIENCE);
}

/** The answer is there. What was kept until the timer would outlive the garbage collector's first look, and cost more than it saves. */
export function listenNoMore(exchange: Waiting): void {
  const { place } = exchange;
  if (place < 0) return;
  exchange.place = -1;
  const last = waiting.pop() as Waiting;
  if (last === exchange) return;
  waiting[place] = last;
  last.place = place;
}
