import { toWorker } from "@tsgi/workers";
import { OURS, quiet } from "../served.ts";

export default toWorker(OURS["bridged"], { errorLog: quiet });
