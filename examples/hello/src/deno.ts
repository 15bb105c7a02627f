import { serve } from "@tsgi/deno";
import { run } from "./run.ts";

await run(serve);
