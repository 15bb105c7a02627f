import { markSent, ServingSink } from "@tsgi/core/adapter";

/** One answer through Deno.serve, which leaves it to the client to close a connection whose end an answer says. */
export class DenoSink extends ServingSink {
  /** Deno ends the process over a Response that it is given twice: `fromFetch` has to know it again. */
  override respond(response: Response): void {
    markSent(response);
    super.respond(response);
  }
}
