import { HELLO } from "../servers/answers.mjs";
import { checkAnswer, get } from "./request.mjs";

export default {
  name: "hello",
  title: "`GET /`, method and path looked at, `Hello World`",
  kind: "rate",
  request: () => get("/"),
  check: (answer) => checkAnswer(answer, "text/plain", HELLO),
  python: true,
};
