import { serve } from "@tsgi/node";
import { run } from "./run.ts";

await run(serve);
