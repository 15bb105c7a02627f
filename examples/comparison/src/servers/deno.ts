import process from "node:process";
import { serve } from "@tsgi/deno";
import { hono } from "../hono.ts";
import { OURS, quiet } from "../served.ts";

// deno run -A dist/deno.js app|bridged|mounted|own

declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen(address: { port: number }): void },
    handler: (request: Request) => Response | Promise<Response>,
  ): unknown;
};

const [, , what] = process.argv;
if (what === "own")
  Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(`at http://127.0.0.1:${port}`) },
    (request) => hono.fetch(request),
  );
else {
  const server = await serve(OURS[what], { host: "127.0.0.1", port: 0, errorLog: quiet });
  console.log(`at ${server.url}`);
}
