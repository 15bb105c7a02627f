import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { App, Server } from "@tsgi/core";
import { serve, toListener, type Listener } from "@tsgi/node";
import type { Equal, Expect, NoAny } from "./expect.ts";

declare const app: App;

createServer(toListener(app));
toListener(Promise.resolve(app));
export const listener: Listener = toListener(app, {
  environ(req, res) {
    type _ = [Expect<Equal<typeof req, IncomingMessage>>, Expect<Equal<typeof res, ServerResponse>>];
    return { REMOTE_USER: (req as { user?: { id: string } }).user?.id };
  },
  errors: "next",
});
// @ts-expect-error "answer" or "next"
toListener(app, { errors: "throw" });
// @ts-expect-error REMOTE_USER is text
toListener(app, { environ: () => ({ REMOTE_USER: 5 }) });

export const run = async (): Promise<string> => {
  const server = await serve(app, { port: 8080, limits: { body: 1024 } });
  const same: Server = server;
  await same.close();
  // @ts-expect-error no such option
  await serve(app, { ports: 8080 });
  // @ts-expect-error a port is a number
  await serve(app, { port: "8080" });
  return server.url;
};

export type Leaks = [Expect<NoAny<typeof serve>>, Expect<NoAny<typeof toListener>>, Expect<NoAny<Listener>>];
