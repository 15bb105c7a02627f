import { markSent, ServingSink, type Line, type Placed } from "@tsgi/core/adapter";

const LOCKED = "fromFetch: the handler returned a Response whose body is being read; return a clone";

/** One answer through Deno.serve, which leaves it to the client to close a connection whose end an answer says. */
export class DenoSink extends ServingSink implements Placed {
  /** Among the answers that the server has not finished. */
  place = -1;
  /** The runtime was given a promise of the Response. */
  private isAwaited = false;
  private isCut = false;
  private gone: (() => void) | undefined = undefined;
  private readonly inFlight: Line<DenoSink> | undefined;

  /** @param inFlight where an answer stands that takes its time, for a server that counts them */
  constructor(state: { readonly closing: boolean }, inFlight: Line<DenoSink> | undefined) {
    super(state);
    this.inFlight = inFlight;
  }

  /** The Response for the server, now or later. */
  hand(): Response | Promise<Response> {
    if (!this.over) this.inFlight?.join(this);
    this.isAwaited = !this.begun;
    return this.result;
  }

  override finished(): void {
    super.finished();
    this.inFlight?.leave(this);
  }

  /** The server ends before this answer does: to the app it is the client that leaves. */
  cut(): void {
    this.isCut = true;
    this.gone?.();
  }

  /** Who listens late is told at once. */
  onCut(listener: () => void): void {
    this.gone = listener;
    if (this.isCut) listener();
  }

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
