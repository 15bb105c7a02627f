import type { ErrorLog } from "../contract.ts";
import type { ValidationError } from "./error.ts";

/** One request as the validator follows it: what the app has said so far. */
export class Exchange {
  /** The server's own log: where warnings go. */
  readonly errors: ErrorLog;
  readonly method: string;
  /** startResponse was called, well or badly: without an error it is not called again. */
  called = false;
  /** startResponse was called well: there is a head. */
  begun = false;
  code = 0;
  /** The declared Content-Length, -1 without one. */
  declared = -1;
  /** The head has no Content-Type, which only the Response of a fetch handler may do: thrown when the body is known. */
  untyped: ValidationError | undefined = undefined;
  /** The body gives a chunk at this moment. */
  pulling = false;
  private count = 0;

  constructor(method: string, errors: ErrorLog) {
    this.method = method;
    this.errors = errors;
  }

  /** The head admits no content, whatever the method. */
  get contentless(): boolean {
    return this.code === 204 || this.code === 205 || this.code === 304;
  }

  /** Counts what the app has sent. */
  add(bytes: number): number {
    return (this.count += bytes);
  }

  /** The bytes that the answer must come to, -1 when nothing says so. */
  get expected(): number {
    return this.method === "HEAD" || this.contentless ? -1 : this.declared;
  }
}
