import process from "node:process";
import { serve as serveHono } from "@hono/node-server";
import { serve } from "@tsgi/node";
import { hono } from "../hono.ts";
import { OURS, quiet } from "../served.ts";

// node dist/node.js app|bridged|mounted|own

const [, , what] = process.argv;
if (what === "own")
  serveHono({ fetch: hono.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) =>
    console.log(`at http://127.0.0.1:${port}`),
  );
else {
  const server = await serve(OURS[what], { host: "127.0.0.1", port: 0, errorLog: quiet });
  console.log(`at ${server.url}`);
}
