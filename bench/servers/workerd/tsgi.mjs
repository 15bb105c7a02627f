import { toWorker } from "@tsgi/workers";
import { honoApp } from "../hono-app.mjs";
import { APPS } from "../tsgi-apps.mjs";

export default (workload, option) => toWorker(APPS[workload](option, honoApp("hello")));
