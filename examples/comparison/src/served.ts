import { fromFetch, type App } from "@tsgi/core";
import { app } from "./app.ts";
import { hono } from "./hono.ts";
import { mounted } from "./mounted.ts";

/** What our adapters serve, by name; `own` is Hono on its own adapter, which is each runtime's own affair. */
export const OURS: Readonly<Record<string, App>> = { app, bridged: fromFetch(hono), mounted };

export const quiet = { write: (): void => {}, flush: (): void => {} };
