import process from "node:process";
import { serve } from "@tsgi/bun";
import { hono } from "../hono.ts";
import { OURS, quiet } from "../served.ts";

// bun dist/bun.js app|bridged|mounted|own

declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    development: false;
    fetch(request: Request): Response | Promise<Response>;
  }): { url: URL };
};

const [, , what] = process.argv;
if (what === "own") {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    fetch: (request) => hono.fetch(request),
  });
  console.log(`at ${server.url.origin}`);
} else {
  const server = await serve(OURS[what], { host: "127.0.0.1", port: 0, errorLog: quiet });
  console.log(`at ${server.url}`);
}
