import { floor } from "../floor.mjs";

export default (workload) => ({ fetch: floor(workload) });
