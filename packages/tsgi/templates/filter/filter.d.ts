import type { Defined, Middleware } from "tsgi";

/** Adds a header field to every answer. */
export const main: Defined<{ name?: string; value?: string }, Middleware>;
