import { ResponseSink } from "@tsgi/core/adapter";

/** One answer of workerd. */
export class WorkerSink extends ResponseSink {
  private readonly method: string;

  constructor(method: string) {
    super();
    this.method = method;
  }

  /** workerd leaves the body of an answer to HEAD alone, neither read nor cancelled: what it holds would never be let go. */
  override respond(response: Response): void {
    if (this.method !== "HEAD" || response.body === null) return super.respond(response);
    response.body.cancel().catch(() => {});
    super.respond(new Response(null, response));
  }
}
