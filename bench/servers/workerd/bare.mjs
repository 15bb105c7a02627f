import { fetchHandlers } from "../fetch-handlers.mjs";

export default (workload, option) => ({ fetch: fetchHandlers(Response)[workload](option) });
