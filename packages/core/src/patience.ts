// To listen for a client that leaves costs more than a small answer (Bun and Deno make an AbortSignal for it), and most
// answers are there before anybody could leave. Those that are not are gathered, and listened for together.

/** Milliseconds that an answer may take before somebody listens. */
const PATIENCE = 10;

interface Waiting {
  listen(): void;
}

let waiting: Waiting[] = [];

/** Calls `listen()` a little later, along with that of all others that wait. */
export function listenSoon(exchange: Waiting): void {
  if (waiting.push(exchange) > 1) return;
  setTimeout(() => {
    const due = waiting;
    waiting = [];
    for (const each of due) each.listen();
  }, PATIENCE);
}
