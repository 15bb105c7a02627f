import type { App } from "@tsgi/core";
import { serve, toDeno } from "@tsgi/deno";
import type { Expect, NoAny } from "./expect.ts";

declare const app: App;

// what `deno serve` takes as a default export, and Deno.serve
export default toDeno(app) satisfies Deno.ServeDefaultExport;
Deno.serve({ port: 0 }, toDeno(app).fetch);
// @ts-expect-error no such limit
toDeno(app, { limits: { bodies: 5 } });

export const run = async (): Promise<string> => (await serve(app, { host: "::1", port: 0 })).url;

export type Leaks = [Expect<NoAny<typeof serve>>, Expect<NoAny<typeof toDeno>>];
