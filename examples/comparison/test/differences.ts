import type { RuntimeName } from "../../../tools/runtimes.mjs";

/** A difference that is known and stays: between the two apps on our adapter, or between our adapter and Hono's own. */
export interface Difference {
  readonly between: "app and bridged" | "bridged and own";
  readonly on: readonly RuntimeName[];
  /** Names of cases. */
  readonly cases: readonly string[];
  readonly whose: "Hono" | "@hono/node-server" | "Bun" | "Deno" | "workerd";
  readonly why: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    between: "app and bridged",
    on: ["node", "bun", "deno", "workers"],
    cases: ["HEAD of text", "HEAD of JSON", "HEAD of what is not found"],
    whose: "Hono",
    why: "Hono answers HEAD with a new Response without the body of GET, and its length is lost; the gateway says the Content-Length that GET would have (RFC 9110 9.3.2)",
  },
  {
    between: "app and bridged",
    on: ["bun"],
    cases: ["no Content-Type"],
    whose: "Bun",
    why: "Bun gives bytes without a Content-Type its own, application/octet-stream; the gateway avoids it for an app's chunks, and sends a Response as it is",
  },
  {
    between: "app and bridged",
    on: ["bun"],
    cases: ["empty text"],
    whose: "Bun",
    why: "c.text leaves the Content-Type to the runtime, and Bun gives an empty text none",
  },
  {
    between: "bridged and own",
    on: ["node"],
    cases: ["no Content-Type"],
    whose: "@hono/node-server",
    why: "it says text/plain of every body that has no Content-Type, these bytes too",
  },
  {
    between: "bridged and own",
    on: ["deno", "workers"],
    cases: ["dot segments", "encoded dot segments", "dot segments out of a route"],
    whose: "Hono",
    why: "Deno and workerd hand over the URL as the client wrote it, and Hono's router slices it unresolved, so that a route's guard and what is served can be two paths; fromFetch shows the resolved one, as all URL parsers do (RFC 3986 5.2.4)",
  },
];
