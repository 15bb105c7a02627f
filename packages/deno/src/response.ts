import { ResponseSink } from "@tsgi/core/adapter";

/** One answer through Deno.serve. */
export class DenoSink extends ResponseSink {}
