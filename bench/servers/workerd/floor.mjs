import { floor } from "../floor.mjs";
import { honoApp } from "../hono-app.mjs";

export default (workload, option) => ({
  fetch: floor(workload, option, workload === "idle" ? 60_000 : 0, honoApp("hello")),
});
