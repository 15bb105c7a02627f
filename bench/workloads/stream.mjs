import { STREAM_CHUNK, STREAM_CHUNKS } from "../servers/answers.mjs";
import { checkAnswer, get } from "./request.mjs";

const EXPECTED = Buffer.concat(Array.from({ length: STREAM_CHUNKS }, () => STREAM_CHUNK));

export default {
  name: "stream",
  title: "an answer of 100 chunks of 1 KiB, all at hand (now) or from an async generator (later)",
  kind: "rate",
  options: () => ["now", "later"],
  optionTitle: (option) => option,
  request: () => get("/"),
  check: (answer) => checkAnswer(answer, "text/plain", EXPECTED),
};
