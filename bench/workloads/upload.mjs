import { checkAnswer, post } from "./request.mjs";

const BYTES = 10 * 2 ** 20;
let body;

export default {
  name: "upload",
  title: "`POST` of 10 MiB, its bytes counted as they come",
  kind: "rate",
  connections: 4,
  request: () => post("/", "application/octet-stream", (body ??= Buffer.alloc(BYTES, "x"))),
  check: (answer) => checkAnswer(answer, "text/plain", String(BYTES)),
};
