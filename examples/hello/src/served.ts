// What is served on every runtime: the tour behind its access log.
import { pipeline } from "@tsgi/core";
import { accessLog } from "./access-log.ts";
import { app } from "./app.ts";

export const served = pipeline([accessLog()], app);
