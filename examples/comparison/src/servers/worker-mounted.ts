import { toWorker } from "@tsgi/workers";
import { OURS, quiet } from "../served.ts";

export default toWorker(OURS["mounted"], { errorLog: quiet });
