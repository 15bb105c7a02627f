import { markSent, ServingSink } from "@tsgi/core/adapter";

const LOCKED = "fromFetch: the handler returned a Response whose body is being read; return a clone";

/** One answer through Deno.serve, which leaves it to the client to close a connection whose end an answer says. */
export class DenoSink extends ServingSink {
  /**
   * Deno ends the process over a Response that it is given twice, and `fromFetch` has to know it again; and, once it
   * waits for a promise, over one whose body is locked. To look at a body costs a fifth of the speed.
   */
  override respond(response: Response): void {
    if (this.isAwaited && response.body?.locked === true) throw new TypeError(LOCKED);
    markSent(response);
    super.respond(response);
  }
}
