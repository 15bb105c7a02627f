import { serve } from "@tsgi/bun";
import { run } from "./run.ts";

await run(serve);
