import { toWorker } from "@tsgi/workers";
import { served } from "./served.ts";

export default toWorker(served);
