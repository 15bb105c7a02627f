import { floor } from "../floor.mjs";

export default (workload, option) => ({ fetch: floor(workload, option, workload === "idle" ? 60_000 : 0) });
