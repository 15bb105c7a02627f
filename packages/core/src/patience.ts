import { Line, type Placed } from "./line.ts";

/** An exchange that listens for its client once it is told to. */
export interface Listener extends Placed {
  listen(): void;
}

/** Milliseconds that an answer may take before somebody listens; at most twice as many. */
const PATIENCE = 10;

/**
 * Exchanges that wait are told together, those that have seen a whole turn of the timer: told with the rest, whoever came
 * just before would make a signal for nothing (2 to 4 % of a stream on Deno). Who leaves before that is not kept: it would
 * outlive the garbage collector's first look.
 */
export class Patience {
  private young = new Line<Listener>();
  private old = new Line<Listener>();
  private timer: ReturnType<typeof setTimeout> | undefined = undefined;

  join(member: Listener): void {
    this.young.join(member);
    this.timer ??= setTimeout(this.turn, PATIENCE);
  }

  leave(member: Listener): void {
    (this.young.has(member) ? this.young : this.old).leave(member);
  }

  private readonly turn = (): void => {
    const waited = this.old.takeAll();
    [this.young, this.old] = [this.old, this.young];
    this.timer = this.old.size > 0 ? setTimeout(this.turn, PATIENCE) : undefined;
    for (const each of waited) each.listen();
  };
}

/**
 * Where exchanges stand until they listen for a client that leaves. That costs more than a small answer (Bun and Deno
 * make an AbortSignal for it), and most answers are there before anybody could leave.
 */
export const patience: Patience = /* @__PURE__ */ new Patience();
