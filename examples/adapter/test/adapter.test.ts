import { conformance } from "@tsgi/testing";
import { afterAll, test } from "vitest";
import { serve } from "../src/adapter.ts";

const rows = conformance({ start: (app, { options }) => serve(app, { port: 0, ...options }) });
for (const row of rows) test(row.name, row.run);
afterAll(rows.stop);
