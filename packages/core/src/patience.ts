import { Line, type Placed } from "./line.ts";

/** An exchange that listens for its client once it is told to. */
export interface Listener extends Placed {
  listen(): void;
}

/** Milliseconds that an answer may take before somebody listens. */
const PATIENCE = 10;

/** Those that wait are told together; who leaves before that is not kept: it would outlive the garbage collector's first look. */
class Patience extends Line<Listener> {
  private timer: ReturnType<typeof setTimeout> | undefined = undefined;

  override join(member: Listener): void {
    super.join(member);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      for (const each of this.takeAll()) each.listen();
    }, PATIENCE);
  }
}

/**
 * Where exchanges stand until they listen for a client that leaves. That costs more than a small answer (Bun and Deno
 * make an AbortSignal for it), and most answers are there before anybody could leave.
 */
export const patience: Line<Listener> = /* @__PURE__ */ new Patience();
