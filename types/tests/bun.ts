import type { App } from "@tsgi/core";
import { serve, toBun } from "@tsgi/bun";
import type { Expect, NoAny } from "./expect.ts";

declare const app: App;

// what `bun run` takes as a default export, and Bun.serve
Bun.serve(toBun(app));
Bun.serve({ ...toBun(app), port: 0 });
export const whole = toBun(app);
// @ts-expect-error no such limit
toBun(app, { limits: { bodies: 5 } });

export const run = async (): Promise<string> => (await serve(app, { listen: "unix:/run/app.sock" })).url;

export type Leaks = [Expect<NoAny<typeof serve>>, Expect<NoAny<typeof toBun>>];
