import { silence } from "../answers.mjs";
import { fetchHandlers } from "../fetch-handlers.mjs";

const idle = () => new Response(silence(60_000), { headers: { "content-type": "text/event-stream" } });
const handlers = { ...fetchHandlers(Response), idle: () => idle };

export default (workload, option) => ({ fetch: handlers[workload](option) });
