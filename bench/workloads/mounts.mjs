import { HELLO, mountAsked } from "../servers/answers.mjs";
import { checkAnswer, get } from "./request.mjs";

export default {
  name: "mounts",
  title: "one of 1, 100 and 10,000 mounted apps is asked, the one in the middle",
  kind: "rate",
  servers: ["bare", "tsgi", "hono", "fastify", "koa", "express", "elysia"],
  options: () => ["1", "100", "10000"],
  optionTitle: (option) => `${Number(option).toLocaleString("en")} mounts`,
  request: (option) => get(mountAsked(Number(option))),
  check: (answer) => checkAnswer(answer, "text/plain", HELLO),
};
