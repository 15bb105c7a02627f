import { execFileSync } from "node:child_process";
import { measureIdle } from "../measure.mjs";
import { get } from "./request.mjs";

const MOST = 20_000;
const SPARE = 500;

/** How many files a process may open: both ends are on this machine, and each needs one for each connection, workerd two. */
const files = () =>
  Number(execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).replace("unlimited", "1048576"));

export default {
  name: "idle",
  title: "connections that wait for server-sent events and get none after the first: bytes of memory each",
  unit: "B",
  measure: measureIdle,
  rounds: 3,
  files,
  servers: ["bare", "tsgi", "floor", "hono", "srvx", "elysia"],
  options: (server, { quick }, runtime) => [
    String(quick ? 1000 : Math.min(MOST, Math.floor((files() - SPARE) / (runtime === "workerd" ? 2 : 1)))),
  ],
  optionTitle: (option) => `${Number(option).toLocaleString("en")} connections`,
  request: () => get("/"),
};
