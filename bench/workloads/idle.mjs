import { execFileSync } from "node:child_process";
import { measureIdle } from "../measure.mjs";
import { get } from "./request.mjs";

// both ends are processes of this machine, and each needs a file descriptor for each connection
const FILES = Number(execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).replace("unlimited", "1048576"));
const MOST = 20_000;
const SPARE = 500;

export default {
  name: "idle",
  title: "connections that wait for server-sent events and get none after the first: bytes of memory each",
  unit: "B",
  measure: measureIdle,
  rounds: 3,
  files: FILES,
  servers: ["bare", "tsgi", "hono", "srvx", "elysia"],
  options: (server, { quick }) => [String(quick ? 1000 : Math.min(MOST, FILES - SPARE))],
  optionTitle: (option) => `${Number(option).toLocaleString("en")} connections`,
  request: () => get("/"),
};
